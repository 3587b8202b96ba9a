/** Longest word kept: of names, of a client's name, of the codes and kinds at the start of a reply. */
const MAX_WORD = 64;

/** The beginning of an argument, over any number of chunks; nothing of what is longer is kept. */
export class Word {
  readonly #bytes = Buffer.alloc(MAX_WORD);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  push(byte: number): void {
    if (this.length < MAX_WORD) this.#bytes[this.length] = byte;
    this.length++;
  }

  pushAll(chunk: Buffer, from: number, to: number): void {
    const kept = Math.min(to, from + MAX_WORD - this.length);
    for (let at = from, next = this.length; at < kept; at++, next++) this.#bytes[next] = chunk[at]!;
    this.length += to - from;
  }

  /** The word, or null when it was longer than is kept. */
  text(): string | null {
    return this.length > MAX_WORD ? null : this.#bytes.toString('latin1', 0, this.length);
  }

  /** Whether it is exactly this text in ASCII; no string is made. */
  is(text: string): boolean {
    if (this.length !== text.length) return false;
    for (let at = 0; at < text.length; at++) if (this.#bytes[at] !== text.charCodeAt(at)) return false;
    return true;
  }
}
