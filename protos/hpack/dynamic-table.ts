import { staticTable } from './static-table.ts';

/** A header field as decoded. Shared between blocks through the tables: never change one in place. */
export type Field = [name: string, value: string];

/** What an entry costs beyond its name and value (RFC 7541 section 4.1). */
export const entryOverheadBytes = 32;

const staticFields: Field[] = staticTable.map(([name, value]) => [name, value]);
const staticSizes = staticFields.map(([name, value]) => name.length + value.length + entryOverheadBytes);
const staticNameBytes = staticFields.map(([name]) => name.length);

/** A power of two, as at every growth. Most connections insert a handful of fields, and there are two tables to each. */
const firstSlots = 8;

/** The dynamic table of one direction (RFC 7541 section 2.3.2): a ring, newest last, bounded by `maxBytes`. */
export class DynamicTable {
  #fields: (Field | undefined)[] = new Array(firstSlots);
  #sizes: number[] = new Array(firstSlots).fill(0);
  #nameBytes: number[] = new Array(firstSlots).fill(0);
  #oldest = 0;
  #count = 0;
  #bytes = 0;
  #maxBytes: number;
  /** Rises with every insertion or eviction. */
  generation = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#count;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#evictTo(maxBytes);
  }

  /** The field at an index of the combined space (static 1 to 61, then dynamic, newest first). */
  field(index: number): Field | undefined {
    if (index <= staticFields.length) return staticFields[index - 1];
    if (index > staticFields.length + this.#count) return undefined;
    return this.#fields[this.#slot(index)];
  }

  /** Its size by RFC 7541 section 4.1; the index must exist. */
  size(index: number): number {
    return index <= staticFields.length ? staticSizes[index - 1]! : this.#sizes[this.#slot(index)]!;
  }

  /** Bytes of its name on the wire, which a string no longer tells; the index must exist. */
  nameBytes(index: number): number {
    return index <= staticFields.length ? staticNameBytes[index - 1]! : this.#nameBytes[this.#slot(index)]!;
  }

  /** `bytes` is the size of the entry. One larger than the table empties it and is not kept (section 4.4). */
  add(field: Field, bytes: number, nameBytes: number): void {
    this.generation++;
    this.#evictTo(this.#maxBytes - bytes);
    if (bytes > this.#maxBytes) return;
    if (this.#count === this.#fields.length) this.#grow();
    const slot = (this.#oldest + this.#count) & (this.#fields.length - 1);
    this.#fields[slot] = field;
    this.#sizes[slot] = bytes;
    this.#nameBytes[slot] = nameBytes;
    this.#count++;
    this.#bytes += bytes;
  }

  #slot(index: number): number {
    return (this.#oldest + this.#count - (index - staticFields.length)) & (this.#fields.length - 1);
  }

  #evictTo(bytes: number): void {
    while (this.#count > 0 && this.#bytes > bytes) {
      this.#bytes -= this.#sizes[this.#oldest]!;
      this.#fields[this.#oldest] = undefined;
      this.#oldest = (this.#oldest + 1) & (this.#fields.length - 1);
      this.#count--;
      this.generation++;
    }
  }

  #grow(): void {
    const capacity = this.#fields.length;
    const fields = new Array<Field | undefined>(capacity * 2);
    const sizes = new Array<number>(capacity * 2).fill(0);
    const nameBytes = new Array<number>(capacity * 2).fill(0);
    for (let n = 0; n < this.#count; n++) {
      const slot = (this.#oldest + n) & (capacity - 1);
      fields[n] = this.#fields[slot];
      sizes[n] = this.#sizes[slot]!;
      nameBytes[n] = this.#nameBytes[slot]!;
    }
    this.#fields = fields;
    this.#sizes = sizes;
    this.#nameBytes = nameBytes;
    this.#oldest = 0;
  }
}
