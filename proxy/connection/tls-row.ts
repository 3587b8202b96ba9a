import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { TlsFields } from '../records/log.ts';
import { certificateFields } from './peer-certificate.ts';
import type { Session } from './session.ts';
import type { TlsFailure } from './tls-failure.ts';

export type Handshake = {
  side: 'in' | 'out';
  startedAtMs: number;
  tls: TLSSocket | null;
  /** The certificate, where it was read before: a client's socket gives it once, and a destroyed one never. */
  peer?: X509Certificate | null;
};

/** Write the row of a handshake: ok when `failure` is null. */
export function writeTlsRow(
  session: Session,
  handshake: Handshake,
  failure: TlsFailure | null,
  late = false,
): void {
  const { side, startedAtMs, tls } = handshake;
  const ok = failure === null;
  const resumed = ok && (tls?.isSessionReused() ?? false);
  session.context.log.tls(session.context, {
    ts: startedAtMs / 1000,
    side,
    outcome: ok ? 'ok' : 'fail',
    reason: failure?.reason ?? null,
    category: failure?.category ?? null,
    detail: failure?.detail ?? null,
    tls:
      ok && tls !== null
        ? parameters(session, side, tls)
        : { sni: null, alpn: null, version: null, cipher: null },
    upstream: upstreamOf(session, side, ok),
    fingerprints: side === 'in' ? session.fingerprints : {},
    duration_ms: Math.round(nowMs() - startedAtMs),
    alert: failure?.alert ?? null,
    // The row of the handshake has it; here only some Nodes still hold the session that would tell it again. An upstream
    // that resumed has shown none: what OpenSSL would answer is out of the session that was kept.
    peer_cert: late || (resumed && side === 'out') ? null : peerCertificate(tls, handshake.peer ?? null),
    resumed,
    late,
    cause: failure?.cause ?? null,
  });
}

/** Epoch milliseconds with a fraction. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

export function parameters(session: Session, side: 'in' | 'out', tls: TLSSocket): TlsFields['tls'] {
  return {
    sni: side === 'in' ? (session.hello?.sni ?? null) : null,
    alpn: tls.alpnProtocol || null,
    version: tls.getProtocol(),
    cipher: tls.getCipher()?.name ?? null,
  };
}

function upstreamOf(session: Session, side: 'in' | 'out', ok: boolean): TlsFields['upstream'] {
  const { addr, tls } = session.runtime.config.upstream;
  if (side === 'in' || tls === null) return { addr };
  return {
    addr,
    verify: tls.verify,
    server_name: ok ? tls.effectiveServerName : tls.serverName,
    ca: tls.caPath,
    alpn: tls.alpn,
    mtls: tls.clientCert !== null && tls.clientKey !== null,
  };
}

function peerCertificate(tls: TLSSocket | null, kept: X509Certificate | null): TlsFields['peer_cert'] {
  // A destroyed socket may have a handle whose session is freed: asking it crashes Node.
  const askable = tls !== null && !tls.destroyed;
  let certificate = kept ?? undefined;
  try {
    if (askable) certificate ??= tls.getPeerX509Certificate();
  } catch {
    // A certificate that OpenSSL took and Node cannot read is a fact less, never a failure of the connection.
    return null;
  }
  if (certificate === undefined) return null;
  return certificateFields(certificate);
}
