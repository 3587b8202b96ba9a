import { DynamicTable, entryOverheadBytes } from './dynamic-table.ts';
import { encodeInteger, encodeString } from './primitives.ts';
import { staticTable } from './static-table.ts';

/** How a field is represented (RFC 7541 section 6). `auto`: indexed where possible, else literal with incremental indexing. */
export type Indexing = 'auto' | 'incremental' | 'without' | 'never';

export type EncodedField = {
  name: string | Uint8Array;
  value: string | Uint8Array;
  /** Default `auto`. The other three write a literal even where a table has the field; the name may still be indexed. */
  indexing?: Indexing;
  /** Default: that of the encoder. */
  huffman?: boolean;
};

/**
 * One direction's encoder (RFC 7541) under full control of its caller; text is written as UTF-8, names as given (upper case
 * too). The table stays in step with a decoder as long as every block is sent, in order.
 */
export class HpackEncoder {
  readonly #table: DynamicTable;
  readonly #huffman: boolean;
  #pendingUpdates: number[] = [];

  constructor(options: { tableBytes?: number; huffman?: boolean } = {}) {
    this.#table = new DynamicTable(options.tableBytes ?? 4096);
    this.#huffman = options.huffman ?? true;
  }

  /** Use a table of `bytes` from now on and announce it at the start of the next block (section 4.2). */
  resizeTable(bytes: number): void {
    this.#table.resize(bytes);
    this.#pendingUpdates.push(bytes);
  }

  encode(fields: readonly (EncodedField | readonly [name: string, value: string])[]): Buffer {
    const parts = this.#pendingUpdates.map((bytes) => encodeInteger(bytes, 5, 0x20));
    this.#pendingUpdates = [];
    for (const field of fields) {
      parts.push(this.#field('name' in field ? field : { name: field[0], value: field[1] }));
    }
    return Buffer.concat(parts);
  }

  #field(field: EncodedField): Buffer {
    const huffman = field.huffman ?? this.#huffman;
    const indexing = field.indexing ?? 'auto';
    // Compared as one character a byte, so that any bytes have an equality.
    const name = bytesOf(field.name);
    const value = bytesOf(field.value);
    const [exact, nameOnly] = this.#find(name.toString('latin1'), value.toString('latin1'));
    if (exact > 0 && indexing === 'auto') return encodeInteger(exact, 7, 0x80);
    const literal = literals[indexing];
    const index = encodeInteger(nameOnly, literal.prefixBits, literal.pattern);
    const parts = nameOnly === 0 ? [index, encodeString(name, huffman)] : [index];
    parts.push(encodeString(value, huffman));
    if (literal.pattern === 0x40) {
      const bytes = name.length + value.length + entryOverheadBytes;
      this.#table.add([name.toString('latin1'), value.toString('latin1')], bytes, name.length);
    }
    return Buffer.concat(parts);
  }

  /** Index of the whole field and of its name, 0 where there is none. */
  #find(name: string, value: string): [exact: number, nameOnly: number] {
    let nameOnly = 0;
    const last = staticTable.length + this.#table.count;
    for (let index = 1; index <= last; index++) {
      const known = this.#table.field(index)!;
      if (known[0] !== name) continue;
      if (known[1] === value) return [index, index];
      if (nameOnly === 0) nameOnly = index;
    }
    return [0, nameOnly];
  }
}

const literals = {
  auto: { pattern: 0x40, prefixBits: 6 },
  incremental: { pattern: 0x40, prefixBits: 6 },
  without: { pattern: 0x00, prefixBits: 4 },
  never: { pattern: 0x10, prefixBits: 4 },
} as const;

function bytesOf(text: string | Uint8Array): Buffer {
  return typeof text === 'string' ? Buffer.from(text) : Buffer.from(text);
}
