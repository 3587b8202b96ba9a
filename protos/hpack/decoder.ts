import { isUtf8 } from 'node:buffer';
import { DynamicTable, entryOverheadBytes, type Field } from './dynamic-table.ts';
import { errorEos, huffmanDecode } from './huffman.ts';

/** Every one is a COMPRESSION_ERROR of the connection (RFC 7541, section in brackets). */
export type HpackErrorKind =
  | 'index_zero' // an indexed field with index 0 (6.1)
  | 'bad_index' // an index beyond both tables (2.3.3)
  | 'integer_overflow' // an integer above 2^28 (5.1)
  | 'truncated' // the block ends inside a field (5)
  | 'huffman_eos' // EOS inside a string (5.2)
  | 'huffman_padding' // padding over 7 bits or not all ones (5.2)
  | 'size_update_late' // a table size update after a field (4.2)
  | 'size_update_too_large'; // a table size above the limit of SETTINGS_HEADER_TABLE_SIZE (6.3)

/** `offset` counts from the start of the block. */
export type HpackError = { kind: HpackErrorKind; offset: number };

export type HpackBlock = {
  /** Shared with the tables and with equal blocks: read only. */
  fields: Field[];
  /** Size of the list by RFC 9113 section 6.5.2, of what was left out too. */
  listBytes: number;
  /** Fields were left out because the list grew beyond `maxListBytes`; the table is still right. */
  overflowed: boolean;
  /** After an error the two tables disagree: no later block of this direction can be decoded. */
  error: HpackError | null;
};

/**
 * One direction's decoder (RFC 7541). Never throws. Values are UTF-8 where they are valid UTF-8, else latin1.
 * Memory is bounded by the table limit and by `maxListBytes` for each block.
 */
export class HpackDecoder {
  readonly #table: DynamicTable;
  readonly #maxListBytes: number;
  #tableLimit: number;
  #error: HpackError | null = null;

  #input: Uint8Array = nothing;
  #at = 0;
  #end = 0;
  #start = 0;
  /** Bytes, on the wire after Huffman, of the string read last and of the last literal's name and value. */
  #stringBytes = 0;
  #nameBytes = 0;

  // The last block that left the table as it was: an equal block then has equal fields.
  // Its bytes are kept as latin1 text: a buffer costs 200 bytes more, and there are two decoders to each connection.
  #cachedBlock = '';
  #cachedGeneration = -1;
  #cached: HpackBlock | null = null;

  constructor(options: { tableLimit?: number; maxListBytes?: number } = {}) {
    this.#tableLimit = options.tableLimit ?? 4096;
    this.#table = new DynamicTable(this.#tableLimit);
    this.#maxListBytes = options.maxListBytes ?? 1 << 16;
  }

  /** The largest table the encoder may ask for: this side's SETTINGS_HEADER_TABLE_SIZE. Does not shrink the table itself. */
  set tableLimit(bytes: number) {
    this.#tableLimit = bytes;
  }

  get tableBytes(): number {
    return this.#table.bytes;
  }

  get error(): HpackError | null {
    return this.#error;
  }

  decode(block: Uint8Array, start = 0, end = block.length): HpackBlock {
    if (this.#error !== null) return { fields: [], listBytes: 0, overflowed: false, error: this.#error };
    if (this.#cachedGeneration === this.#table.generation && this.#equalsCached(block, start, end)) {
      return this.#cached!;
    }
    this.#input = block;
    this.#start = start;
    this.#at = start;
    this.#end = end;
    const decoded = this.#block();
    this.#input = nothing;
    return decoded;
  }

  #block(): HpackBlock {
    const input = this.#input;
    const end = this.#end;
    const table = this.#table;
    const generation = table.generation;
    const fields: Field[] = [];
    let listBytes = 0;
    let anyField = false;
    let resized = false;
    while (this.#at < end) {
      const first = input[this.#at]!;
      let field: Field | undefined;
      let bytes: number;
      if (first >= 0x80) {
        const index = this.#integer(7);
        if (index < 0) break;
        field = table.field(index);
        if (field === undefined) {
          this.#fail(index === 0 ? 'index_zero' : 'bad_index');
          break;
        }
        bytes = table.size(index);
      } else if ((first & 0xe0) === 0x20) {
        if (anyField) {
          this.#fail('size_update_late');
          break;
        }
        const size = this.#integer(5);
        if (size < 0) break;
        if (size > this.#tableLimit) {
          this.#fail('size_update_too_large');
          break;
        }
        table.resize(size);
        resized = true;
        continue;
      } else {
        const indexed = first >= 0x40;
        const keep = indexed || listBytes <= this.#maxListBytes;
        field = this.#literal(indexed ? 6 : 4, keep);
        if (field === undefined) break;
        bytes = this.#nameBytes + this.#stringBytes + entryOverheadBytes;
        if (indexed) table.add(field, bytes, this.#nameBytes);
      }
      anyField = true;
      listBytes += bytes;
      if (listBytes <= this.#maxListBytes) fields.push(field);
    }
    const error = this.#error;
    const decoded = { fields, listBytes, overflowed: listBytes > this.#maxListBytes, error };
    if (error === null && !resized && generation === table.generation) this.#remember(decoded);
    return decoded;
  }

  /** A literal field; leaves its sizes in #nameBytes and #stringBytes. When it is not kept its text is not built. */
  #literal(prefixBits: number, keep: boolean): Field | undefined {
    const nameIndex = this.#integer(prefixBits);
    if (nameIndex < 0) return undefined;
    let name: string | undefined;
    if (nameIndex === 0) {
      name = this.#string(keep);
      this.#nameBytes = this.#stringBytes;
    } else {
      name = this.#table.field(nameIndex)?.[0];
      if (name === undefined) this.#fail('bad_index');
      else this.#nameBytes = this.#table.nameBytes(nameIndex);
    }
    if (name === undefined) return undefined;
    const value = this.#string(keep);
    return value === undefined ? undefined : [name, value];
  }

  /** RFC 7541 section 5.1. Returns -1 after an error. */
  #integer(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    let value = this.#input[this.#at++]! & mask;
    if (value < mask) return value;
    for (let shift = 0; ; shift += 7) {
      if (this.#at >= this.#end) return this.#fail('truncated');
      const byte = this.#input[this.#at++]!;
      // Four more bytes reach 2^28, beyond any table or block; a fifth, even of zeros, has no use but to keep us busy.
      if (shift === 28) return this.#fail('integer_overflow');
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  /** RFC 7541 section 5.2. Leaves the decoded length in #stringBytes; empty when it is not kept. */
  #string(keep: boolean): string | undefined {
    if (this.#at >= this.#end) {
      this.#fail('truncated');
      return undefined;
    }
    const huffman = this.#input[this.#at]! >= 0x80;
    const length = this.#integer(7);
    if (length < 0) return undefined;
    const start = this.#at;
    if (length > this.#end - start) {
      this.#fail('truncated');
      return undefined;
    }
    this.#at = start + length;
    if (!huffman) {
      this.#stringBytes = length;
      return keep ? text(this.#input, start, start + length) : '';
    }
    if (scratch.length < length * 2) scratch = Buffer.allocUnsafe(length * 2);
    const written = huffmanDecode(this.#input, start, start + length, scratch);
    if (written < 0) {
      this.#fail(written === errorEos ? 'huffman_eos' : 'huffman_padding');
      return undefined;
    }
    this.#stringBytes = written;
    return keep ? text(scratch, 0, written) : '';
  }

  #fail(kind: HpackErrorKind): -1 {
    this.#error ??= { kind, offset: this.#at - this.#start };
    return -1;
  }

  #remember(decoded: HpackBlock): void {
    const bytes = this.#end - this.#start;
    if (bytes > maxCachedBytes) return;
    this.#cachedBlock = asBuffer(this.#input).toString('latin1', this.#start, this.#end);
    this.#cachedGeneration = this.#table.generation;
    this.#cached = decoded;
  }

  #equalsCached(block: Uint8Array, start: number, end: number): boolean {
    const cached = this.#cachedBlock;
    if (cached.length !== end - start) return false;
    for (let n = 0; n < cached.length; n++) if (cached.charCodeAt(n) !== block[start + n]) return false;
    return true;
  }
}

const maxCachedBytes = 256;
const nothing = new Uint8Array(0);
/** Shared by all decoders: a decode never suspends. */
let scratch = Buffer.allocUnsafe(4096);

function text(bytes: Uint8Array, start: number, end: number): string {
  let all = 0;
  for (let at = start; at < end; at++) all |= bytes[at]!;
  const view = asBuffer(bytes);
  if (all < 0x80 || !isUtf8(view.subarray(start, end))) return view.toString('latin1', start, end);
  return view.toString('utf8', start, end);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
