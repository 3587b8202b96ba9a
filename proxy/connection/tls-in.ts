import { TLSSocket } from 'node:tls';
import { createLeg, type Leg } from './leg.ts';
import { wasReset } from './peer-reset.ts';
import type { Session } from './session.ts';
import {
  certificateFailure,
  handshakeTimeout,
  inboundEof,
  inboundFailure,
  missingCertificate,
  type TlsFailure,
} from './tls-failure.ts';
import { nowMs, parameters, writeTlsRow } from './tls-row.ts';

export type InboundTls = { leg: Leg; failure: null } | { leg: null; failure: TlsFailure };

/**
 * Answer the client's handshake with the given protocols and judge its certificate. Writes the `in` row either way.
 * OpenSSL is never asked to refuse a certificate: Node would lose the reason and send no alert.
 */
export async function acceptTls(
  session: Session,
  alpn: string[],
  startedAtMs: number,
  limitMs: number,
): Promise<InboundTls> {
  const { raw, context, runtime } = session;
  const required = runtime.config.tls!.requireClientCert;
  if (raw.destroyed) {
    session.clientEnd = 'rst';
    const gone = inboundFailure(
      Object.assign(new Error('the client reset before its handshake'), { code: 'ECONNRESET' }),
    );
    return { leg: null, failure: refuseBeforeTls(session, startedAtMs, gone) };
  }
  const wireAtHello = required ? null : raw.bytesRead;
  const tls = new TLSSocket(raw, {
    isServer: true,
    secureContext: runtime.inbound!,
    ...(alpn.length > 0 ? { ALPNProtocols: alpn } : {}),
    requestCert: required,
    rejectUnauthorized: false,
  });
  raw.on('error', ignore);
  const failure = (await shakeHands(session, tls, limitMs)) ?? (required ? refusal(tls) : null);
  if (failure === null) context.tlsIn = parameters(session, 'in', tls);
  writeTlsRow(session, { side: 'in', startedAtMs, tls }, failure);
  if (failure !== null) {
    endAfterFailure(session, tls);
    return { leg: null, failure };
  }
  // Two kilobytes; what is still asked of it stands in the context.
  session.hello = null;
  return { leg: createLeg('client', raw, tls, startedAtMs, wireAtHello), failure: null };
}

/** Write the row of a handshake that ended before TLS could begin. */
export function refuseBeforeTls(session: Session, startedAtMs: number, failure: TlsFailure): TlsFailure {
  writeTlsRow(session, { side: 'in', startedAtMs: startedAtMs || nowMs(), tls: null }, failure);
  return failure;
}

function shakeHands(session: Session, tls: TLSSocket, limitMs: number): Promise<TlsFailure | null> {
  return new Promise((resolve) => {
    const settle = (failure: TlsFailure | null): void => {
      clearTimeout(timer);
      session.cancel = null;
      session.raw.off('end', onEnd);
      tls
        .off('secure', onSecure)
        .off('end', onEnd)
        .off('close', onEnd)
        .off('_tlsError', onError)
        .off('error', onError);
      tls.on('error', ignore);
      // Whoever waits may destroy the sockets: not inside a callback of OpenSSL, where that crashes Node.
      if (failure === null) resolve(null);
      else setImmediate(() => resolve(failure));
    };
    const onSecure = (): void => settle(null);
    const onError = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'ECONNRESET') session.clientEnd = 'rst';
      settle(inboundFailure(error, session.hello));
    };
    const onEnd = (): void => {
      // A reset that the raw socket alone was told of: TLS over it just closes.
      const { errored } = session.raw as { errored: NodeJS.ErrnoException | null };
      if (errored?.code === 'ECONNRESET') {
        onError(errored);
        return;
      }
      // Either the read hid it, or it met a write of OpenSSL, such as that of the ServerHello.
      if (wasReset(session.raw)) {
        onError(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
        return;
      }
      session.clientEnd ??= 'fin';
      settle(inboundEof('the client closed during the handshake'));
    };
    const timer = setTimeout(() => settle(handshakeTimeout('in', limitMs)), limitMs);
    session.cancel = () =>
      settle({ ...handshakeTimeout('in', 0), cause: 'shutdown', detail: 'the proxy was told to stop' });
    tls
      .on('secure', onSecure)
      .on('end', onEnd)
      .on('close', onEnd)
      .on('_tlsError', onError)
      .on('error', onError);
    // A FIN that was read together with the ClientHello is known to the raw socket alone.
    session.raw.once('end', onEnd);
    if (session.cancelled) session.cancel();
  });
}

type VerifyingHandle = { verifyError(): (Error & { code?: string }) | null };

function refusal(tls: TLSSocket): TlsFailure | null {
  if (tls.getPeerX509Certificate() === undefined) return missingCertificate();
  const error = (tls as unknown as { _handle: VerifyingHandle })._handle.verifyError();
  return error === null ? null : certificateFailure('in', error.code ?? '', error.message);
}

/** A fatal alert that OpenSSL queued must leave before the socket goes. */
function endAfterFailure({ raw }: Session, tls: TLSSocket): void {
  tls.destroy();
  raw.destroy();
}

function ignore(): void {}
