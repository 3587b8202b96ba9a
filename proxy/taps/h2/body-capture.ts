import { limits } from './limits.ts';

/** Bytes that captured bodies of one connection hold together. */
export type BodyBudget = { usedBytes: number };

/** The first `maxBytes` of a body, copied. */
export class BodyCapture {
  readonly #maxBytes: number;
  readonly #budget: BodyBudget;
  #chunks: Buffer[] = [];
  #bytes = 0;
  truncated = false;

  constructor(maxBytes: number, budget: BodyBudget) {
    this.#maxBytes = maxBytes;
    this.#budget = budget;
  }

  push(chunk: Buffer, start: number, end: number): void {
    const room = Math.min(
      this.#maxBytes - this.#bytes,
      limits.bodyBytesOfOpenStreams - this.#budget.usedBytes,
    );
    const taken = Math.min(room, end - start);
    if (taken < end - start) this.truncated = true;
    if (taken <= 0) return;
    this.#chunks.push(Buffer.from(chunk.subarray(start, start + taken)));
    this.#bytes += taken;
    this.#budget.usedBytes += taken;
  }

  /** Base64 of what was captured, null when that is nothing; gives the memory back. */
  take(): string | null {
    this.#budget.usedBytes -= this.#bytes;
    const body = this.#bytes === 0 ? null : Buffer.concat(this.#chunks).toString('base64');
    this.#chunks = [];
    this.#bytes = 0;
    return body;
  }
}
