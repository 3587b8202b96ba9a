import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HpackDecoder, type HpackErrorKind } from './decoder.ts';
import { HpackEncoder } from './encoder.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

// RFC 7541 appendix C: blocks of one connection, the list each one gives, the size of the table after it.
type Story = {
  name: string;
  tableBytes?: number;
  blocks: [block: string, list: string[], tableAfter: number][];
};

const get = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'];
const getNoCache = [...get, 'cache-control: no-cache'];
const getCustom = [
  ':method: GET',
  ':scheme: https',
  ':path: /index.html',
  ':authority: www.example.com',
  'custom-key: custom-value',
];
const found = [
  ':status: 302',
  'cache-control: private',
  'date: Mon, 21 Oct 2013 20:13:21 GMT',
  'location: https://www.example.com',
];
const notModified = [':status: 307', ...found.slice(1)];
const okGzip = [
  ':status: 200',
  'cache-control: private',
  'date: Mon, 21 Oct 2013 20:13:22 GMT',
  'location: https://www.example.com',
  'content-encoding: gzip',
  'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
];

const stories: Story[] = [
  {
    name: 'C.2.1',
    blocks: [['400a637573746f6d2d6b65790d637573746f6d2d686561646572', ['custom-key: custom-header'], 55]],
  },
  { name: 'C.2.2', blocks: [['040c2f73616d706c652f70617468', [':path: /sample/path'], 0]] },
  { name: 'C.2.3', blocks: [['100870617373776f726406736563726574', ['password: secret'], 0]] },
  { name: 'C.2.4', blocks: [['82', [':method: GET'], 0]] },
  {
    name: 'C.3',
    blocks: [
      ['828684410f7777772e6578616d706c652e636f6d', get, 57],
      ['828684be58086e6f2d6361636865', getNoCache, 110],
      ['828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565', getCustom, 164],
    ],
  },
  {
    name: 'C.4',
    blocks: [
      ['828684418cf1e3c2e5f23a6ba0ab90f4ff', get, 57],
      ['828684be5886a8eb10649cbf', getNoCache, 110],
      ['828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf', getCustom, 164],
    ],
  },
  {
    name: 'C.5',
    tableBytes: 256,
    blocks: [
      [
        '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d',
        found,
        222,
      ],
      ['4803333037c1c0bf', notModified, 222],
      [
        '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
        okGzip,
        215,
      ],
    ],
  },
  {
    name: 'C.6',
    tableBytes: 256,
    blocks: [
      [
        '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
        found,
        222,
      ],
      ['4883640effc1c0bf', notModified, 222],
      [
        '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
        okGzip,
        215,
      ],
    ],
  },
];

for (const story of stories) {
  test(`RFC 7541 appendix ${story.name}`, () => {
    const decoder = new HpackDecoder({ tableLimit: story.tableBytes ?? 4096 });
    for (const [block, list, tableAfter] of story.blocks) {
      const decoded = decoder.decode(hex(block));
      expect(decoded.fields.map(([name, value]) => `${name}: ${value}`)).toEqual(list);
      expect(decoded.error).toBeNull();
      expect(decoder.tableBytes).toBe(tableAfter);
    }
  });
}

const wrong: [what: string, block: string, kind: HpackErrorKind][] = [
  ['an index beyond both tables', 'ffffff0f', 'bad_index'],
  ['the first index beyond the static table', 'be', 'bad_index'],
  ['a literal whose name index is beyond both tables', '7f0001 61', 'bad_index'],
  ['index 0', '80', 'index_zero'],
  ['EOS inside a Huffman string', '00 84 ffffffff 01 61', 'huffman_eos'],
  ['padding of a whole byte', '00 82 1fff 01 61', 'huffman_padding'],
  ['padding of zeros', '00 81 18 01 61', 'huffman_padding'],
  ['a table size update after a field', '82 20', 'size_update_late'],
  ['a table size update above the limit', '3fe2 1f', 'size_update_too_large'],
  ['a string longer than the block', '00 05 6161', 'truncated'],
  ['a name without a value', '00 01 61', 'truncated'],
  ['an integer without its last byte', 'ff80', 'truncated'],
  ['an integer of too many bytes', 'ff808080808001', 'integer_overflow'],
];
for (const [what, block, kind] of wrong) {
  test(`${what} is ${kind}, and no later block is decoded`, () => {
    const decoder = new HpackDecoder();
    expect(decoder.decode(hex(block)).error?.kind).toBe(kind);
    expect(decoder.decode(hex('82'))).toEqual({
      fields: [],
      listBytes: 0,
      overflowed: false,
      error: decoder.error,
    });
  });
}

test('a string keeps its bytes: UTF-8 where valid, else latin1, and sizes count bytes', () => {
  const decoder = new HpackDecoder();
  const decoded = decoder.decode(hex('4001 61 02 c3a9  4001 62 01 e9  4001 e9 00'));
  expect(decoded.fields).toEqual([
    ['a', 'é'],
    ['b', 'é'],
    ['é', ''],
  ]);
  expect(decoder.tableBytes).toBe(35 + 34 + 33);
  // The newest name is one byte on the wire, whatever its string looks like.
  decoder.decode(hex('7e 00'));
  expect(decoder.tableBytes).toBe(35 + 34 + 33 + 33);
});

test('a header bomb is counted, cut, and leaves the table right', () => {
  const decoder = new HpackDecoder({ maxListBytes: 10_000 });
  const big = new HpackEncoder({ huffman: false }).encode([['big', 'x'.repeat(3000)]]);
  const bomb = decoder.decode(Buffer.concat([big, Buffer.alloc(12_000, 0xbe)]));
  expect(bomb.overflowed).toBe(true);
  expect(bomb.fields.length).toBe(3);
  expect(bomb.listBytes).toBe(12_001 * 3035);
  expect(decoder.decode(hex('be')).fields).toEqual([['big', 'x'.repeat(3000)]]);
});

test('an equal block after the table changed is decoded anew', () => {
  const decoder = new HpackDecoder();
  decoder.decode(hex('4001 61 01 31'));
  expect(decoder.decode(hex('be')).fields).toEqual([['a', '1']]);
  expect(decoder.decode(hex('be')).fields).toEqual([['a', '1']]);
  decoder.decode(hex('4001 61 01 32'));
  expect(decoder.decode(hex('be')).fields).toEqual([['a', '2']]);
});

const indexing = fc.constantFrom('auto', 'incremental', 'without', 'never');
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(':path', '/', 'accept', 'GET'),
);
const field = fc.record({ name: text, value: text, indexing, huffman: fc.boolean() });
const step = fc.record({
  fields: fc.array(field, { maxLength: 8 }),
  resize: fc.option(fc.integer({ min: 0, max: 200 }), { nil: null }),
});

test('what the encoder writes, whatever the representation, the decoder reads', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const encoder = new HpackEncoder();
      const decoder = new HpackDecoder();
      for (const { fields, resize } of steps) {
        if (resize !== null) encoder.resizeTable(resize);
        const decoded = decoder.decode(encoder.encode(fields));
        expect(decoded.error).toBeNull();
        expect(decoded.fields).toEqual(fields.map(({ name, value }) => [name, value]));
      }
    }),
  );
});

test('random blocks never throw and never grow the table beyond its limit', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (blocks) => {
      const decoder = new HpackDecoder({ tableLimit: 300 });
      for (const block of blocks) decoder.decode(block);
      expect(decoder.tableBytes).toBeLessThanOrEqual(300);
    }),
  );
});
