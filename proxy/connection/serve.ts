import { clientPreface } from '../../protos/h2/constants.ts';
import { createTap } from '../taps/create.ts';
import type { Tap } from '../taps/tap.ts';
import { answerFor, preferred } from './alpn-choice.ts';
import { readClientHello } from './client-hello.ts';
import { writeCloseRow, writeOpenRow, writeWaitRow } from './close-row.ts';
import { collect } from './collect.ts';
import { guardTap } from './guarded-tap.ts';
import { handshakeTurn } from './handshake-turns.ts';
import { createLeg, destroyLeg, type Leg } from './leg.ts';
import { answerUpstreamFailure, gatewayTimeoutAnswer } from './local-reply/answer.ts';
import { readProxyHeader } from './proxy-header.ts';
import { relay } from './relay.ts';
import { putBack, type Session } from './session.ts';
import { handshakeTimeout, inboundEof, inboundFailure, type TlsFailure } from './tls-failure.ts';
import { acceptTls, refuseBeforeTls } from './tls-in.ts';
import { nowMs } from './tls-row.ts';
import { reachUpstream, type UpstreamFailure } from './upstream.ts';
import { ownVerdict, shutdownVerdict, type Verdict } from './verdict.ts';

/** Walk one connection from its accepted socket to its close record. Never rejects. */
export async function serve(session: Session): Promise<void> {
  const held: Held = { release: null, tap: null, upstream: null };
  let verdict: Verdict;
  try {
    verdict = await walk(session, held);
  } catch (error) {
    session.runtime.logger.error({ err: error, connId: session.context.connId }, 'connection path failed');
    const text = error instanceof Error ? error.message : String(error);
    verdict = ownVerdict('error', 'proxy_internal_error', 'I-', text);
  }
  if (held.upstream !== null) destroyLeg(held.upstream);
  if (!session.raw.destroyed) session.raw.destroy();
  if (held.tap !== null) {
    const { cause, timedOut } = verdict;
    held.tap.close({ cause, error: verdict.error ?? verdict.closeReason, timedOut });
    const state = held.tap.state();
    session.tid = state.tid;
    session.path = state.path;
    session.protocol = state.protocol;
  }
  writeCloseRow(session, verdict, nowMs());
  held.release?.();
}

type Held = { release: (() => void) | null; tap: Tap | null; upstream: Leg | null };

async function walk(session: Session, held: Held): Promise<Verdict> {
  const { runtime, context, raw } = session;
  if (!runtime.allows(context.peerIp)) {
    raw.resetAndDestroy();
    return ownVerdict(
      'allowlist_denied',
      'allowlist_denied',
      'PR',
      `${context.peerIp} is not in policy.allowlist`,
    );
  }
  const refused = (await takeSlot(session, held)) ?? (await readProxyHeader(session));
  if (refused !== null) return refused;
  return runtime.config.tls === null ? servePlain(session, held) : serveTls(session, held);
}

async function takeSlot(session: Session, held: Held): Promise<Verdict | null> {
  const { maxconnWaitTimeoutMs, maxconnWaitWarnMs } = session.runtime.config.policy;
  const slot = await session.runtime.slots.take(maxconnWaitTimeoutMs, (cancel) => {
    session.cancel = cancel;
  });
  session.cancel = null;
  if (slot === null) {
    if (session.cancelled) return shutdownVerdict('Q');
    const error = `no slot came free within ${maxconnWaitTimeoutMs} ms`;
    return ownVerdict('maxconn_timeout', 'connection_limit_reached', 'PQ', error);
  }
  held.release = slot.release;
  if (slot.waitedMs > 0 && slot.waitedMs >= maxconnWaitWarnMs) writeWaitRow(session, slot.waitedMs);
  return null;
}

async function servePlain(session: Session, held: Held): Promise<Verdict> {
  writeOpenRow(session);
  const offers = await plainOffers(session);
  if (session.cancelled) return shutdownVerdict('R');
  const reached = await reachUpstream(session, offers);
  const client = createLeg('client', session.raw, null, nowMs());
  if (reached.failure !== null) return answerUpstreamFailure(session, held, client, null, reached.failure);
  held.upstream = reached.leg;
  return carry(session, held, client, reached.leg, null);
}

/** What a plaintext client would have offered by ALPN: its first bytes tell (RFC 9113 3.3 prior knowledge). */
async function plainOffers(session: Session): Promise<string[]> {
  const { upstream, proxyProtocol } = session.runtime.config;
  if (upstream.tls === null || upstream.tls.alpn.length === 0) return [];
  let start = Buffer.alloc(0);
  const first = await collect<string>(session, proxyProtocol.timeoutMs, (chunk) => {
    start = Buffer.concat([start, chunk]);
    const isH2 = clientPreface.subarray(0, start.length).equals(start.subarray(0, clientPreface.length));
    if (!isH2) return 'http/1.1';
    return start.length >= clientPreface.length ? 'h2' : null;
  });
  putBack(session, start);
  const offer = first.kind === 'done' ? first.value : 'http/1.1';
  return upstream.tls.alpn.includes(offer) ? [offer] : [];
}

async function serveTls(session: Session, held: Held): Promise<Verdict> {
  const { config } = session.runtime;
  const startedAtMs = nowMs();
  const deadline = startedAtMs + config.policy.tlsHandshakeTimeoutMs;
  const read = await readClientHello(session, config.policy.tlsHandshakeTimeoutMs);
  writeOpenRow(session);
  if (read.kind === 'cancelled') return shutdownVerdict('R');
  if (read.kind !== 'done') {
    const failure =
      read.kind === 'timeout'
        ? handshakeTimeout('in', config.policy.tlsHandshakeTimeoutMs)
        : read.kind === 'fin'
          ? inboundEof('the client closed before its ClientHello was complete')
          : inboundFailure(Object.assign(new Error(read.error), { code: 'ECONNRESET' }));
    return tlsInVerdict(session, refuseBeforeTls(session, startedAtMs, failure));
  }
  const turn = handshakeTurn();
  if (turn !== null) {
    await turn;
    if (session.cancelled) return shutdownVerdict('R');
  }
  const offers = session.hello?.alpn ?? [];
  const listed = config.tls!.alpn;
  const left = (): number => Math.max(1, deadline - nowMs());
  // A hello that is none, or that shares no protocol with the listener, is answered by the TLS stack with its own alert.
  if (
    session.hello === null ||
    (offers.length > 0 && listed.length > 0 && preferred(offers, listed) === null)
  ) {
    const accepted = await acceptTls(session, listed, startedAtMs, left());
    if (accepted.failure !== null) return tlsInVerdict(session, withLook(accepted.failure, read.value));
    destroyLeg(accepted.leg);
    return ownVerdict(
      'error',
      'proxy_internal_error',
      'IR',
      'a handshake succeeded that was judged impossible',
    );
  }
  const reached = await reachUpstream(session, offers);
  if (session.cancelled) return shutdownVerdict('C');
  const choice = reached.failure === null ? answerFor(reached.alpn, offers, listed) : null;
  const failure: UpstreamFailure | null =
    choice === 'mismatch'
      ? {
          cause: 'alpn_mismatch',
          error: `the upstream chose ${reached.alpn ?? 'no protocol'}`,
          term: 'tC',
          timedOut: false,
          closedBy: 'proxy',
        }
      : reached.failure;
  held.upstream = reached.leg;
  const first = preferred(offers, listed);
  const answer = choice === null || choice === 'mismatch' ? (first === null ? [] : [first]) : choice.alpn;
  // The client is not to pay for the time the upstream took.
  const accepted = await acceptTls(session, answer, startedAtMs, config.policy.tlsHandshakeTimeoutMs);
  if (accepted.failure !== null) return tlsInVerdict(session, accepted.failure);
  const alpn = context(session);
  if (failure !== null) return answerUpstreamFailure(session, held, accepted.leg, alpn, failure);
  return carry(session, held, accepted.leg, reached.leg!, alpn);
}

function context(session: Session): string | null {
  return session.context.tlsIn.alpn;
}

function carry(
  session: Session,
  held: Held,
  client: Leg,
  upstream: Leg,
  alpn: string | null,
): Promise<Verdict> {
  const tap = guardTap(createTap(session.context, alpn), session);
  held.tap = tap;
  return relay(session, client, upstream, tap, (leg) => gatewayTimeoutAnswer(session, leg, tap));
}

function tlsInVerdict(session: Session, failure: TlsFailure): Verdict {
  if (failure.cause === 'shutdown' || session.cancelled) return shutdownVerdict('R');
  return {
    closedBy: failure.by === 'peer' ? 'client' : 'proxy',
    closeReason: 'tls_in_fail',
    flags: ['client_tls_fail'],
    cause: failure.cause,
    term: 'TR',
    error: failure.detail,
    timedOut: failure.timedOut,
  };
}

/** The first bytes say better than OpenSSL's error what it was that was not TLS. */
function withLook(failure: TlsFailure, read: { state: string; looksLike?: string }): TlsFailure {
  if (read.state !== 'not_tls' || failure.cause === 'client_reset') return failure;
  const cause = read.looksLike === 'http_request' ? 'http_request' : 'not_tls';
  return { ...failure, cause, by: 'proxy' };
}
