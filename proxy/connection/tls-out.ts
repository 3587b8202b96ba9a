import type { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { createLeg, type Leg } from './leg.ts';
import { identityError, withoutChainReading } from './peer-certificate.ts';
import type { Session } from './session.ts';
import { certificateFailure, handshakeTimeout, outboundFailure, type TlsFailure } from './tls-failure.ts';
import { nowMs, writeTlsRow } from './tls-row.ts';
import type { UpstreamSessions } from './upstream-sessions.ts';

export type OutboundTls = { leg: Leg; failure: null } | { leg: null; failure: TlsFailure };

/** Shake hands with the upstream and verify it before a byte of the client is sent. Writes the `out` row either way. */
export async function connectTls(session: Session, raw: Socket, alpn: string[]): Promise<OutboundTls> {
  const startedAtMs = nowMs();
  const { config: listener, outbound, upstreamSessions } = session.runtime;
  const config = listener.upstream.tls!;
  const name = config.effectiveServerName;
  const offered = upstreamSessions?.offer(alpn, startedAtMs) ?? null;
  const tls = connect({
    socket: raw,
    secureContext: outbound!,
    // RFC 6066 section 3: a literal address is no server name.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(alpn.length > 0 ? { ALPNProtocols: alpn } : {}),
    ...(offered === null ? {} : { session: offered.ticket }),
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  withoutChainReading(tls);
  const peer = keepPeerCertificate(tls);
  const kept = upstreamSessions === null ? null : collectSessions(tls, upstreamSessions, alpn);
  let failure = await shakeHands(session, tls, peer);
  const resumed = failure === null && tls.isSessionReused();
  if (failure === null && !resumed) {
    peer.read();
    if (config.verify) failure = refusal(tls, peer.kept, name);
  }
  writeTlsRow(session, { side: 'out', startedAtMs, tls, peer: peer.kept }, failure);
  if (failure !== null) {
    upstreamSessions?.forget(alpn);
    tls.destroy();
    raw.destroy();
    return { leg: null, failure };
  }
  kept?.accept(resumed ? offered!.notAfterMs : peer.kept === null ? 0 : Date.parse(peer.kept.validTo));
  peer.release();
  return { leg: createLeg('upstream', raw, tls, startedAtMs), failure: null };
}

/** Keep the sessions a socket is given, once its handshake is accepted: with TLS 1.2 one comes before it is judged. */
function collectSessions(tls: TLSSocket, sessions: UpstreamSessions, alpn: readonly string[]) {
  let early: Buffer | null = null;
  let notAfterMs: number | null = null;
  tls.on('session', (ticket: Buffer) => {
    if (notAfterMs === null) early = ticket;
    else sessions.keep(alpn, { ticket, notAfterMs });
  });
  return {
    accept(untilMs: number): void {
      notAfterMs = untilMs;
      if (early !== null) sessions.keep(alpn, { ticket: early, notAfterMs });
      early = null;
    },
  };
}

function shakeHands(session: Session, tls: TLSSocket, peer: PeerCertificate): Promise<TlsFailure | null> {
  const limitMs = session.runtime.config.policy.upstreamHandshakeTimeoutMs;
  return new Promise((resolve) => {
    const settle = (failure: TlsFailure | null): void => {
      clearTimeout(timer);
      session.cancel = null;
      tls.off('secureConnect', onSecure).off('end', onEnd).off('close', onEnd).off('error', onError);
      tls.on('error', ignore);
      // Whoever waits may destroy the sockets: not inside a callback of OpenSSL, where that crashes Node.
      if (failure === null) resolve(null);
      else setImmediate(() => resolve(failure));
    };
    const onSecure = (): void => settle(null);
    const onError = (error: NodeJS.ErrnoException): void =>
      settle(outboundFailure(error, peer.kept !== null));
    const onEnd = (): void => settle(outboundFailure(closedEarly()));
    const timer = setTimeout(() => settle(handshakeTimeout('out', limitMs)), limitMs);
    session.cancel = () =>
      settle({ ...handshakeTimeout('out', 0), cause: 'shutdown', detail: 'the proxy was told to stop' });
    tls.on('secureConnect', onSecure).on('end', onEnd).on('close', onEnd).on('error', onError);
    if (session.cancelled) session.cancel();
  });
}

/** Node's client takes the certificate out of the session when it is asked for: the first answer is the only one. */
type PeerCertificate = { kept: X509Certificate | null; read(): void; release(): void };
type Handle = { onerror: (this: unknown, error: Error) => unknown };

function keepPeerCertificate(tls: TLSSocket): PeerCertificate {
  const { _handle: handle } = tls as unknown as { _handle: Handle | null };
  const onerror = handle?.onerror;
  const peer: PeerCertificate = {
    kept: null,
    read() {
      if (tls.destroyed) return;
      try {
        peer.kept ??= tls.getPeerX509Certificate() ?? null;
      } catch {
        // One that Node cannot read is a fact less, never a failure of the connection.
      }
    },
    /** Once the handshake is told of: a certificate holds a kilobyte in a dozen objects. */
    release() {
      peer.kept = null;
      if (handle?.onerror === readingFirst) handle.onerror = onerror!;
    },
  };
  // Of a handshake that an error ends it can be asked for while the error is raised, and never after.
  function readingFirst(this: unknown, error: Error): unknown {
    peer.read();
    return onerror!.call(this, error);
  }
  if (typeof onerror === 'function') handle!.onerror = readingFirst;
  return peer;
}

function closedEarly(): NodeJS.ErrnoException {
  return Object.assign(new Error('the upstream closed during the TLS handshake'), { code: 'ECONNRESET' });
}

function refusal(tls: TLSSocket, certificate: X509Certificate | null, name: string): TlsFailure | null {
  const verdict = tls.authorizationError as unknown as string | Error | null | undefined;
  if (verdict) {
    const code = verdict instanceof Error ? (verdict as NodeJS.ErrnoException).code : verdict;
    return certificateFailure(
      'out',
      code ?? 'verify_failed',
      verdict instanceof Error ? verdict.message : verdict,
    );
  }
  // None shown, as by a PSK, or one that Node cannot read: what it stands for is not known.
  if (certificate === null)
    return certificateFailure('out', 'ERR_TLS_CERT_ALTNAME_INVALID', 'no readable certificate');
  const error = identityError(certificate, name);
  return error === null ? null : certificateFailure('out', error.code ?? '', error.message);
}

function ignore(): void {}
