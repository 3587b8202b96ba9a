import type { Cause } from '../../protos/records/causes.ts';
import type { Leg } from './leg.ts';
import { alertOf, type TlsFailure } from './tls-failure.ts';

/** What an error on an established stream says of its peer. */
export type StreamErrorMeaning = {
  end: 'rst' | 'error';
  proved: { cause: Cause; error: string } | null;
  /** A row to add: the handshake that was recorded as ok was refused after all, or the session ended by an alert. */
  lateFailure: TlsFailure | null;
};

/** Alerts by which a TLS 1.3 server refuses a client certificate after the handshake (RFC 8446 4.4.2.4, 6.2). */
const clientCertificateAlerts = new Set([40, 42, 43, 44, 45, 46, 48, 49, 51, 116]);

/** `answered`: bytes of the upstream had come, so its handshake had accepted the client certificate. */
export function judgeStreamError(
  leg: Leg,
  error: NodeJS.ErrnoException,
  answered: boolean,
): StreamErrorMeaning {
  const code = error.code ?? '';
  if (!code.startsWith('ERR_')) return { end: 'rst', proved: null, lateFailure: null };
  const alert = alertOf(code);
  const detail = ((error as { reason?: string }).reason ?? error.message).slice(0, 500);
  const prove = (cause: Cause, reason: string): StreamErrorMeaning => ({
    end: 'error',
    proved: { cause, error: `${detail}${alert === null ? '' : ` (alert ${alert.number} ${alert.name})`}` },
    lateFailure: { reason, category: null, detail, cause, alert, by: 'peer', timedOut: false },
  });
  if (alert?.direction === 'received') {
    if (leg.side === 'client') return prove(`client_alert:${alert.name}`, 'tls_error');
    const rejected = !answered && clientCertificateAlerts.has(alert.number) && leg.tlsVersion !== 'TLSv1.2';
    return prove(rejected ? 'client_cert_rejected' : `server_alert:${alert.name}`, reasonOf(alert.name));
  }
  return prove(
    /BAD_RECORD_MAC|CIPHER_OPERATION_FAILED/.test(code) ? 'bad_record_mac' : 'tls_protocol_error',
    leg.side === 'client' ? 'tls_error' : 'ssl_error',
  );
}

function reasonOf(alertName: string): string {
  return ['unknown_ca', 'bad_certificate', 'handshake_failure', 'protocol_version'].includes(alertName)
    ? alertName
    : 'ssl_error';
}
