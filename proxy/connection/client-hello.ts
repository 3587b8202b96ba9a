import { type CollectorResult, createClientHelloCollector } from '../../protos/tls/client-hello-collector.ts';
import { type Collected, collect } from './collect.ts';
import { fingerprintsOf } from './known-fingerprints.ts';
import type { Session } from './session.ts';

type Decision = Exclude<CollectorResult, { state: 'more' }>;

/**
 * Read the whole ClientHello from the raw socket and give every byte back to it, so that the TLS stack sees the stream as it
 * came. Anything that is not a ClientHello is left to the TLS stack too: it answers with the right alert.
 */
export async function readClientHello(session: Session, timeoutMs: number): Promise<Collected<Decision>> {
  const collector = createClientHelloCollector();
  const seen = new GrowingBuffer();
  const result = await collect<Decision>(session, timeoutMs, (chunk) => {
    seen.add(chunk);
    const state = collector.push(chunk);
    return state.state === 'more' ? null : state;
  });
  if (seen.length > 0 && !session.raw.destroyed && !session.raw.readableEnded) {
    session.raw.unshift(seen.bytes());
  }
  if (result.kind === 'done' && result.value.state === 'done') {
    session.hello = result.value.hello;
    session.fingerprints = fingerprintsOf(result.value.hello);
  }
  return result;
}

/** Kept as they come, segments of one byte would cost hundreds of bytes each. The usual one, a single chunk, is not copied. */
class GrowingBuffer {
  length = 0;
  #buffer: Buffer = Buffer.alloc(0);

  add(chunk: Buffer): void {
    const needed = this.length + chunk.length;
    if (this.length === 0) this.#buffer = chunk;
    else if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.length * 2, 512));
      this.#buffer.copy(larger, 0, 0, this.length);
      this.#buffer = larger;
    }
    if (this.length > 0) chunk.copy(this.#buffer, this.length);
    this.length = needed;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }
}
