const LF = 0x0a;

export type LineSink = {
  /** One line without its LF; `number` counts from 1. */
  line(text: string, number: number): void;
  /** A line over the limit, after it ended: only its length is known. */
  tooLong(number: number, bytes: number): void;
};

/**
 * Cuts bytes into lines, not characters: a code point may lie across two chunks. Of a line that is longer than the limit
 * nothing is kept. A chunk may be reused by its owner as soon as `push` returns.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #sink: LineSink;
  #number = 0;
  #parts: Buffer[] = [];
  #partBytes = 0;

  constructor(maxLineBytes: number, sink: LineSink) {
    this.#maxLineBytes = maxLineBytes;
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      if (this.#partBytes === 0) this.#whole(chunk, start, end);
      else this.#joined(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  /** The bytes after the last LF as a line of their own; null when there are none. The next push begins a new line. */
  end(): { text: string; number: number } | null {
    if (this.#partBytes === 0) return null;
    const text = this.#take();
    this.#number += 1;
    if (text !== null) return { text, number: this.#number };
    this.#sink.tooLong(this.#number, this.#drop());
    return null;
  }

  #whole(chunk: Buffer, start: number, end: number): void {
    this.#number += 1;
    if (end - start > this.#maxLineBytes) this.#sink.tooLong(this.#number, end - start);
    else this.#sink.line(chunk.toString('utf8', start, end), this.#number);
  }

  #joined(rest: Buffer): void {
    this.#keep(rest);
    this.#number += 1;
    const text = this.#take();
    if (text === null) this.#sink.tooLong(this.#number, this.#drop());
    else this.#sink.line(text, this.#number);
  }

  #keep(part: Buffer): void {
    this.#partBytes += part.length;
    if (this.#partBytes > this.#maxLineBytes) this.#parts = [];
    else if (part.length > 0) this.#parts.push(Buffer.from(part));
  }

  /** What was kept, or null when it went over the limit. */
  #take(): string | null {
    if (this.#partBytes > this.#maxLineBytes) return null;
    const text = Buffer.concat(this.#parts).toString('utf8');
    this.#drop();
    return text;
  }

  #drop(): number {
    const bytes = this.#partBytes;
    this.#parts = [];
    this.#partBytes = 0;
    return bytes;
  }
}
