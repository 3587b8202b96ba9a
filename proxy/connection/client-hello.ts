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
  const chunks: Buffer[] = [];
  const result = await collect<Decision>(session, timeoutMs, (chunk) => {
    chunks.push(chunk);
    const state = collector.push(chunk);
    return state.state === 'more' ? null : state;
  });
  if (chunks.length > 0 && !session.raw.destroyed && !session.raw.readableEnded) {
    session.raw.unshift(Buffer.concat(chunks));
  }
  if (result.kind === 'done' && result.value.state === 'done') {
    session.hello = result.value.hello;
    session.fingerprints = fingerprintsOf(result.value.hello);
  }
  return result;
}
