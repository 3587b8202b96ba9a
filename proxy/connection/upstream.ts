import type { Cause } from '../../protos/records/causes.ts';
import { offersFor } from './alpn-choice.ts';
import { dial } from './dial.ts';
import { createLeg, type Leg } from './leg.ts';
import type { Session } from './session.ts';
import { connectTls } from './tls-out.ts';
import { nowMs } from './tls-row.ts';

export type UpstreamFailure = {
  cause: Cause;
  error: string;
  term: string;
  timedOut: boolean;
  /** The upstream when its alert, FIN or RST ended the attempt; the proxy when it gave up or refused. */
  closedBy: 'upstream' | 'proxy';
};

export type Reached =
  | { leg: Leg; alpn: string | null; failure: null }
  | { leg: null; alpn: null; failure: UpstreamFailure };

/** Dial the upstream, replay the PROXY header byte for byte, and shake hands where it speaks TLS. */
export async function reachUpstream(session: Session, clientOffers: readonly string[]): Promise<Reached> {
  const { upstream, tls: listener } = session.runtime.config;
  const offers = offersFor(clientOffers, listener?.alpn ?? ['http/1.1', 'h2'], upstream.tls?.alpn ?? []);
  if (
    upstream.tls !== null &&
    upstream.tls.alpn.length > 0 &&
    clientOffers.length > 0 &&
    offers.length === 0 &&
    (listener === null || listener.alpn.length > 0)
  ) {
    return failed('alpn_mismatch', `the upstream is offered none of ${clientOffers.join(', ')}`, 'tC', false);
  }
  const dialled = await dial(session);
  if (dialled.failure !== null) {
    const { cause, error, timedOut } = dialled.failure;
    const closedBy = cause === 'connection_terminated' ? 'upstream' : 'proxy';
    return failed(cause, error, timedOut ? 'sC' : 'SC', timedOut, closedBy);
  }
  const raw = dialled.socket;
  if (session.proxy.header !== null) raw.write(session.proxy.header);
  if (upstream.tls === null) {
    const leg = createLeg('upstream', raw, null, nowMs());
    const alpn =
      listener === null ? null : (listener.alpn.find((name) => clientOffers.includes(name)) ?? null);
    return { leg, alpn, failure: null };
  }
  const secured = await connectTls(session, raw, offers);
  if (secured.failure !== null) {
    const { cause, detail, timedOut, by } = secured.failure;
    const closedBy = by === 'peer' ? 'upstream' : 'proxy';
    return failed(cause, detail ?? 'the TLS handshake failed', 'tC', timedOut, closedBy);
  }
  return { leg: secured.leg, alpn: secured.leg.tls?.alpnProtocol || null, failure: null };
}

function failed(
  cause: Cause,
  error: string,
  term: string,
  timedOut: boolean,
  closedBy: UpstreamFailure['closedBy'] = 'proxy',
): Reached {
  return { leg: null, alpn: null, failure: { cause, error, term, timedOut, closedBy } };
}
