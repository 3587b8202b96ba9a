import { atMost, type FuzzTarget, holds, joined, only, type Step } from '../testing/fuzz-target.ts';
import { HpackDecoder } from './decoder.ts';
import { HpackEncoder } from './encoder.ts';
import { errorEos, errorPadding, huffmanDecode, huffmanEncode } from './huffman.ts';

const tableLimit = 4096;
const maxListBytes = 2048;

export const targets: FuzzTarget[] = [
  {
    name: 'hpack',
    about: 'header blocks of one connection, one a step (RFC 7541)',
    grammar: 'lengths',
    sides: ['block'],
    share: 2,
    cuts: false,
    seeds: () => [...vectors.map(blocks), ...encoded()],
    run(steps) {
      const decoder = new HpackDecoder({ tableLimit, maxListBytes });
      const among = new HpackDecoder({ tableLimit, maxListBytes });
      const result = [];
      for (const { bytes } of steps) {
        const decoded = decoder.decode(bytes);
        const { fields, listBytes, overflowed, error } = decoded;
        atMost('fields', fields.length, bytes.length);
        const kept = fields.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
        atMost('characters kept of one list', kept, maxListBytes);
        atMost('table', decoder.tableBytes, tableLimit);
        holds(overflowed === listBytes > maxListBytes, 'overflowed tells that fields were left out');
        if (error === null) {
          const walked = fieldsOf(bytes);
          holds(overflowed || walked === fields.length, `${walked} fields, counted once more`);
        }
        if (error !== null) atMost('offset of the error', error.offset, bytes.length);
        const text = JSON.stringify(decoded);
        // The same block in the middle of other bytes, as frames hand it over.
        const held = Buffer.concat([Buffer.alloc(3, 0x82), bytes, Buffer.alloc(3, 0x82)]);
        const again = among.decode(held, 3, 3 + bytes.length);
        holds(JSON.stringify(again) === text, 'a block is read within its bounds');
        if (error === null && !overflowed) comesBack(fields);
        result.push(decoded);
      }
      return { blocks: result, table: decoder.tableBytes };
    },
  },
  {
    name: 'huffman',
    about: 'the Huffman code of header strings (RFC 7541 section 5.2)',
    grammar: 'bytes',
    sides: ['string'],
    cuts: false,
    seeds: () => ['', 'www.example.com', 'no-cache', 'Mon, 21 Oct 2013', '\xff\0\x80'].map(coded),
    run(steps) {
      const bytes = joined(steps);
      const text = Buffer.alloc(Math.ceil((bytes.length * 8) / 5));
      const length = huffmanDecode(bytes, 0, bytes.length, text);
      if (length < 0) {
        holds(length === errorEos || length === errorPadding, 'an error is one of two');
        return { error: length };
      }
      const again = huffmanEncode(text.subarray(0, length));
      // The code is a prefix code with one padding: of what is accepted there is one spelling.
      holds(again.equals(bytes), 'what was decoded has the coding that came');
      return { text: text.toString('latin1', 0, length) };
    },
  },
];

/** How many fields a block has, by the lengths in it alone (RFC 7541 section 6); throws where it is not made of whole ones. */
function fieldsOf(block: Buffer): number {
  let at = 0;
  let fields = 0;
  const integer = (bits: number): number => {
    const mask = 2 ** bits - 1;
    let value = block[at++]! & mask;
    if (value < mask) return value;
    let factor = 1;
    for (let more = true; more; factor *= 128) {
      holds(at < block.length, 'an integer ends within its block');
      const byte = block[at++]!;
      value += (byte & 127) * factor;
      more = byte >= 128;
    }
    holds(factor <= 2 ** 28, 'an integer is below 2^28');
    return value;
  };
  const string = () => {
    holds(at < block.length, 'a string begins within its block');
    const length = integer(7);
    at += length;
  };
  while (at < block.length) {
    const first = block[at]!;
    if (first >= 128) holds(integer(7) > 0, 'an index is not zero');
    else if (first >> 5 === 1) {
      integer(5);
      continue;
    } else {
      if (integer(first >= 64 ? 6 : 4) === 0) string();
      string();
    }
    fields++;
  }
  holds(at === block.length, 'the last string ends with its block');
  return fields;
}

/** Fields written by the encoder and read again are the same. */
function comesBack(fields: readonly (readonly [string, string])[]): void {
  const list = fields.map(([name, value]) => ({ name, value }));
  const huffman = fields.length % 2 === 0;
  const block = new HpackEncoder({ huffman }).encode(list);
  const again = new HpackDecoder({ maxListBytes: 1 << 20 }).decode(block);
  holds(
    again.error === null && JSON.stringify(again.fields) === JSON.stringify(fields),
    'fields written and read again are the same',
  );
}

function coded(text: string): Step[] {
  return only(huffmanEncode(Buffer.from(text, 'latin1')));
}

function blocks(hex: readonly string[]): Step[] {
  return hex.map((text) => ({ from: 0, bytes: Buffer.from(text, 'hex') }));
}

/** RFC 7541 appendix C. */
const vectors = [
  ['400a637573746f6d2d6b65790d637573746f6d2d686561646572'],
  ['100870617373776f726406736563726574', '82'],
  ['828684410f7777772e6578616d706c652e636f6d', '828684be58086e6f2d6361636865'],
  ['828684418cf1e3c2e5f23a6ba0ab90f4ff', '828684be5886a8eb10649cbf'],
  ['828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf'],
  ['3fe11f82', '203fe101c0', '2020828684'],
];

function encoded(): Step[][] {
  const encoder = new HpackEncoder({ tableBytes: 256 });
  const requests = Array.from({ length: 6 }, (_, n) =>
    encoder.encode([
      [':method', 'GET'],
      [':path', `/${n}`],
      ['x-request-id', `${n}`.repeat(20)],
      ['cookie', 'a=b'],
    ]),
  );
  return [requests.map((bytes) => ({ from: 0, bytes }))];
}
