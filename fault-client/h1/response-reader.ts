import { Exchange } from '../run/exchange.ts';

/**
 * Counts whole HTTP/1.1 answers in a byte stream (RFC 9112 6.3), for requests node:http would not send: pipelined or broken
 * ones. Knows lengths, chunks and bodies until the end; what it cannot read fails the current answer.
 */
export class ResponseReader {
  /** Answers begun so far, in order; interim ones (1xx) belong to the next. */
  readonly answers: Exchange[] = [];
  whole = 0;
  readonly #next: () => Exchange;
  readonly #bodyless: (index: number) => boolean;
  #pending: Buffer = Buffer.alloc(0);
  #state: 'head' | 'length' | 'chunk' | 'chunk data' | 'chunk end' | 'trailers' | 'eof' | 'broken' = 'head';
  #left = 0;
  #informational: number[] = [];

  /** `bodyless(n)`: the n-th request was HEAD. */
  constructor(
    next: () => Exchange = () => new Exchange(),
    bodyless: (index: number) => boolean = () => false,
  ) {
    this.#next = next;
    this.#bodyless = bodyless;
  }

  /** Interim answers since the last final one. */
  get interim(): number {
    return this.#informational.length;
  }

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#step());
    if (this.#pending.length > 1 << 20) this.#fail('an answer that never gets its line end');
  }

  /** The peer's FIN: it completes an answer that has no length, and cuts any other. */
  end(): void {
    if (this.#state === 'eof') this.#complete();
    else if (this.#state !== 'head' || this.#pending.length > 0) this.#fail('the answer was cut');
  }

  #step(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#head();
      case 'length':
        return this.#body();
      case 'chunk':
        return this.#chunk();
      case 'chunk data':
        return this.#chunkData();
      case 'chunk end':
        return this.#chunkEnd();
      case 'trailers':
        return this.#trailers();
      case 'eof':
        return this.#take(this.#pending.length);
      case 'broken':
        this.#pending = Buffer.alloc(0);
        return false;
    }
  }

  #head(): boolean {
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const [statusLine = '', ...lines] = this.#pending.toString('latin1', 0, end).split('\r\n');
    this.#pending = this.#pending.subarray(end + 4);
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1] ?? Number.NaN);
    if (status >= 100 && status < 200 && status !== 101) {
      this.#informational.push(status);
      return true;
    }
    const answer = this.#next();
    this.answers.push(answer);
    if (Number.isNaN(status)) return this.#fail(`no status line: ${statusLine.slice(0, 80)}`);
    answer.status = status;
    answer.informational = this.#informational;
    this.#informational = [];
    answer.headers = lines.map(headerLine);
    this.#frame(answer, status);
    return true;
  }

  #frame(answer: Exchange, status: number): void {
    const value = (name: string): string | undefined =>
      answer.headers.find(([key]) => key.toLowerCase() === name)?.[1];
    if (this.#bodyless(this.answers.length - 1) || status === 204 || status === 304) {
      this.#complete();
      return;
    }
    if (value('transfer-encoding')?.toLowerCase().includes('chunked')) {
      this.#state = 'chunk';
      return;
    }
    const length = value('content-length');
    if (length === undefined || status === 101) {
      this.#state = 'eof';
      return;
    }
    if (!/^\d+$/.test(length)) {
      this.#fail(`a Content-Length that is no number: ${length.slice(0, 80)}`);
      return;
    }
    this.#left = Number(length);
    this.#state = 'length';
    if (this.#left === 0) this.#complete();
  }

  #body(): boolean {
    const taken = Math.min(this.#left, this.#pending.length);
    this.#left -= taken;
    const more = this.#take(taken);
    if (this.#left === 0) this.#complete();
    return more;
  }

  #take(bytes: number): boolean {
    if (bytes === 0) return false;
    this.answers.at(-1)!.received(this.#pending.subarray(0, bytes));
    this.#pending = this.#pending.subarray(bytes);
    return true;
  }

  #chunk(): boolean {
    const lineEnd = this.#pending.indexOf('\r\n');
    if (lineEnd < 0) return false;
    // RFC 9112 7.1: hexadecimal digits, then perhaps an extension.
    const size = /^([0-9a-f]+)[ \t]*(?:;|$)/i.exec(this.#pending.toString('latin1', 0, lineEnd))?.[1];
    if (size === undefined) return this.#fail('a chunk without a size');
    this.#pending = this.#pending.subarray(lineEnd + 2);
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'chunk data';
    return true;
  }

  /** As it comes: a chunk may be longer than what is ever kept. */
  #chunkData(): boolean {
    const taken = Math.min(this.#left, this.#pending.length);
    this.#left -= taken;
    if (this.#left === 0) this.#state = 'chunk end';
    return this.#take(taken);
  }

  #chunkEnd(): boolean {
    if (this.#pending.length < 2) return false;
    if (this.#pending.toString('latin1', 0, 2) !== '\r\n') return this.#fail('a chunk without its end');
    this.#pending = this.#pending.subarray(2);
    this.#state = 'chunk';
    return true;
  }

  #trailers(): boolean {
    const lineEnd = this.#pending.indexOf('\r\n');
    if (lineEnd < 0) return false;
    const line = this.#pending.toString('latin1', 0, lineEnd);
    this.#pending = this.#pending.subarray(lineEnd + 2);
    if (line === '') this.#complete();
    else this.answers.at(-1)!.trailers.push(headerLine(line));
    return true;
  }

  #complete(): void {
    this.answers.at(-1)!.complete = true;
    this.whole++;
    this.#state = 'head';
  }

  #fail(message: string): false {
    this.answers.at(-1)?.fail(new Error(message));
    this.#state = 'broken';
    this.#pending = Buffer.alloc(0);
    return false;
  }
}

function headerLine(line: string): [string, string] {
  const colon = line.indexOf(':');
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).trim()];
}
