import { createHash } from 'node:crypto';

/** Counts and hashes a body as it passes, so that bodies are compared without being kept. */
export class Meter {
  bytes = 0;
  readonly #hash = createHash('sha256');

  add(chunk: Buffer | string): void {
    const piece = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    this.bytes += piece.length;
    this.#hash.update(piece);
  }

  /** The SHA-256 in hex of everything added so far; more may come, whatever the protocol says. */
  sha256(): string {
    return this.#hash.copy().digest('hex');
  }
}
