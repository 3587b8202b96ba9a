import { Word } from './word.ts';

export type ReplyType =
  | 'simple_string'
  | 'error'
  | 'integer'
  | 'bulk_string'
  | 'array'
  | 'null'
  | 'double'
  | 'boolean'
  | 'big_number'
  | 'blob_error'
  | 'verbatim_string'
  | 'map'
  | 'set'
  | 'push';

/** Longest beginning of an error that is kept. */
const MAX_ERROR = 512;

/**
 * What is kept of a reply: its type, the text of its error (of an aggregate: the first error directly in it), and of an
 * aggregate the first word and the number in the third place, which tell a pushed message from a reply. No data.
 */
export class ReplyReader {
  type: ReplyType = 'null';
  /** Elements seen at the first level. */
  #elements = 0;
  /** The number in the third place, as pub/sub counts subscriptions; null for none. */
  count: number | null = null;
  hasError = false;
  errorCut = false;
  readonly #error = Buffer.alloc(MAX_ERROR);
  #errorLength = 0;
  /** A simple string, or the first word of an aggregate. */
  readonly word = new Word();
  readonly #number = new Word();
  #into: 'nothing' | 'error' | 'word' | 'number' = 'nothing';

  begin(): void {
    this.type = 'null';
    this.#elements = 0;
    this.count = null;
    this.hasError = this.errorCut = false;
    this.#errorLength = 0;
    this.word.clear();
    this.#into = 'nothing';
  }

  /** The error as sent, at most its first 512 bytes. */
  errorText(): string {
    return this.#error.toString('utf8', 0, this.#errorLength);
  }

  beginValue(depth: number, type: ReplyType): void {
    this.#into = 'nothing';
    if (depth === 0) this.type = type;
    else if (depth === 1) this.#elements++;
    else return;
    if (type === 'error' || type === 'blob_error') {
      if (this.hasError) return;
      this.hasError = true;
      this.#into = 'error';
    } else if (depth === 0) {
      if (type === 'simple_string') this.#into = 'word';
    } else if (this.#elements === 1 && (type === 'bulk_string' || type === 'simple_string')) {
      this.#into = 'word';
    } else if (this.#elements === 3 && type === 'integer') {
      this.#number.clear();
      this.#into = 'number';
    }
  }

  nullValue(depth: number): void {
    if (depth === 0) this.type = 'null';
    this.#into = 'nothing';
  }

  bytes(chunk: Buffer, from: number, to: number): void {
    if (this.#into !== 'nothing') this.#keep(chunk, from, to);
  }

  /** The line or the string is whole. */
  end(): void {
    if (this.#into === 'number') this.count = numberOf(this.#number.text());
    this.#into = 'nothing';
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    if (this.#into === 'word') this.word.pushAll(chunk, from, to);
    else if (this.#into === 'number') this.#number.pushAll(chunk, from, to);
    else {
      const fits = Math.min(to, from + MAX_ERROR - this.#errorLength);
      this.#errorLength += chunk.copy(this.#error, this.#errorLength, from, fits);
      if (fits < to) this.errorCut = true;
    }
  }
}

function numberOf(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
