import type { Cause, CauseWord } from '../../protos/records/causes.ts';
import { alertName } from '../../protos/tls/alerts.ts';
import type { ClientHello } from '../../protos/tls/client-hello.ts';
import { receivedAlert, sentAlert } from '../../protos/tls/openssl-errors.ts';

export type Alert = { direction: 'sent' | 'received'; number: number; name: string };

/** Why a handshake failed: 1.50's words, the cause, the alert, and whose act came first. */
export type TlsFailure = {
  reason: string;
  category: string | null;
  detail: string | null;
  cause: Cause;
  alert: Alert | null;
  by: 'peer' | 'proxy';
  timedOut: boolean;
};

/** Judge an error of the handshake with the client, whose ClientHello decides some of the alerts OpenSSL sends. */
export function inboundFailure(error: NodeJS.ErrnoException, hello: ClientHello | null = null): TlsFailure {
  const code = error.code ?? '';
  const alert = asSent(alertOf(code), code, hello);
  const base = {
    reason: 'tls_error',
    category: null,
    detail: detailOf(error),
    alert,
    timedOut: false,
  } as const;
  if (alert?.direction === 'received') return { ...base, cause: `client_alert:${alert.name}`, by: 'peer' };
  if (isReset(error)) return { ...base, cause: 'client_reset', by: 'peer' };
  return { ...base, cause: inboundCause(code), by: 'proxy' };
}

/** The client closed before its handshake was complete. */
export function inboundEof(detail: string): TlsFailure {
  return {
    reason: 'tls_error',
    category: null,
    detail,
    cause: 'client_eof',
    alert: null,
    by: 'peer',
    timedOut: false,
  };
}

/** Alerts by which a server refuses a client's certificate, or the lack of one (RFC 5246 7.2.2, RFC 8446 6.2). */
const certificateAlerts = new Set([42, 43, 44, 45, 46, 48, 49, 116]);

/**
 * Judge an error of the handshake with the upstream. `serverShown`: its certificate had come, so that an alert about a
 * certificate can only mean the proxy's own.
 */
export function outboundFailure(error: NodeJS.ErrnoException, serverShown = false): TlsFailure {
  const code = error.code ?? '';
  const alert = ofClient(alertOf(code));
  const base = { category: null, detail: detailOf(error), alert, timedOut: false } as const;
  if (alert?.direction === 'received') {
    const refused = serverShown && certificateAlerts.has(alert.number);
    const other: Cause = alert.number === 120 ? 'alpn_mismatch' : `server_alert:${alert.name}`;
    const cause = refused ? 'client_cert_rejected' : other;
    return { ...base, reason: outboundReasons[alert.name] ?? 'ssl_error', cause, by: 'peer' };
  }
  if (isReset(error)) return { ...base, reason: 'ssl_error', cause: 'connection_terminated', by: 'peer' };
  return { ...base, reason: localReason(code), cause: outboundCause(code), by: 'proxy' };
}

export function handshakeTimeout(side: 'in' | 'out', limitMs: number): TlsFailure {
  const reason = side === 'in' ? 'tls_error' : 'upstream_handshake_timeout';
  const detail = `no end of the handshake within ${limitMs} ms`;
  return { reason, category: null, detail, cause: 'timeout', alert: null, by: 'proxy', timedOut: true };
}

/** A certificate that OpenSSL or the name check refused; `code` is Node's, such as CERT_HAS_EXPIRED. */
export function certificateFailure(side: 'in' | 'out', code: string, message: string): TlsFailure {
  const known = certificateFaults[code];
  const number = verifyNumbers[code];
  const detail = number === undefined ? message : `verify_code=${number} ${message}`;
  return {
    reason: 'cert_verify_failed',
    category: known?.category ?? 'cert_verify_failed',
    detail: detail.slice(0, 500),
    cause: known?.[side] ?? (side === 'in' ? 'cert_rejected' : 'verify_failed'),
    alert: null,
    by: 'proxy',
    timedOut: false,
  };
}

/** The listener requires a certificate and the client sent none. */
export function missingCertificate(): TlsFailure {
  const detail = 'peer did not return a certificate';
  return {
    reason: 'tls_error',
    category: null,
    detail,
    cause: 'no_client_cert',
    alert: null,
    by: 'proxy',
    timedOut: false,
  };
}

export function alertOf(code: string): Alert | null {
  const received = receivedAlert(code);
  if (received !== null) return { direction: 'received', number: received, name: alertName(received) };
  const sent = sentAlert(code);
  return sent === null ? null : { direction: 'sent', number: sent, name: alertName(sent) };
}

/** RFC 8446 4.1.3: a client answers the mark of a downgrade with illegal_parameter; 86 is the server's word (RFC 7507 3). */
function ofClient(alert: Alert | null): Alert | null {
  if (alert?.direction !== 'sent' || alert.number !== 86) return alert;
  return { direction: 'sent', number: 47, name: alertName(47) };
}

const maxHostNameBytes = 255;

/** The alert as it went out, where OpenSSL's choice depends on more than its error. */
function asSent(alert: Alert | null, code: string, hello: ClientHello | null): Alert | null {
  if (alert?.direction !== 'sent' || hello === null) return alert;
  const sent = (number: number): Alert => ({ direction: 'sent', number, name: alertName(number) });
  // RFC 6101 5.4.2: SSL 3.0 has no protocol_version.
  if (alert.number === 70 && hello.legacyVersion === 0x0300) return sent(40);
  if (code !== 'ERR_SSL_BAD_EXTENSION') return alert;
  // RFC 8446 4.2: an extension sent twice.
  if (new Set(hello.extensions).size < hello.extensions.length) return sent(47);
  const { sni } = hello;
  const isNoName = sni !== null && (sni.length > maxHostNameBytes || sni.includes('\0'));
  return isNoName ? sent(112) : alert;
}

function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE';
}

function inboundCause(code: string): CauseWord {
  if (/NO_SHARED_CIPHER|NO_SUITABLE|NO_SHARED_SIGNATURE/.test(code)) return 'no_shared_cipher';
  if (
    /UNSUPPORTED_PROTOCOL|UNKNOWN_PROTOCOL|VERSION_TOO_|NO_PROTOCOLS_AVAILABLE|INAPPROPRIATE_FALLBACK/.test(
      code,
    )
  )
    return 'protocol_version';
  if (/NO_APPLICATION_PROTOCOL/.test(code)) return 'no_alpn';
  if (/HTTP_REQUEST|HTTPS_PROXY_REQUEST/.test(code)) return 'http_request';
  if (/WRONG_VERSION_NUMBER/.test(code)) return 'not_tls';
  return 'tls_protocol_error';
}

function outboundCause(code: string): CauseWord {
  if (/WRONG_VERSION_NUMBER|HTTP_REQUEST/.test(code)) return 'upstream_not_tls';
  if (/UNSUPPORTED_PROTOCOL|VERSION_TOO_/.test(code)) return 'protocol_version';
  return 'tls_protocol_error';
}

function localReason(code: string): string {
  if (/WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION/.test(code)) return 'protocol_version';
  return /NO_SHARED_CIPHER/.test(code) ? 'no_shared_cipher' : 'ssl_error';
}

function detailOf(error: Error & { library?: string; reason?: string }): string {
  return (error.reason ?? error.message).slice(0, 500);
}

const outboundReasons: Readonly<Record<string, string>> = {
  no_application_protocol: 'no_application_protocol',
  unknown_ca: 'unknown_ca',
  bad_certificate: 'bad_certificate',
  handshake_failure: 'handshake_failure',
  protocol_version: 'protocol_version',
};

type CertificateFault = { category: string; in: CauseWord; out: CauseWord };
const unknownCa: CertificateFault = {
  category: 'unknown_ca',
  in: 'cert_unknown_ca',
  out: 'verify_unknown_ca',
};

const certificateFaults: Readonly<Record<string, CertificateFault>> = {
  CERT_HAS_EXPIRED: { category: 'expired', in: 'cert_expired', out: 'verify_expired' },
  CERT_NOT_YET_VALID: { category: 'not_yet_valid', in: 'cert_not_yet_valid', out: 'verify_not_yet_valid' },
  INVALID_PURPOSE: { category: 'wrong_eku', in: 'cert_wrong_eku', out: 'verify_eku' },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownCa,
  UNABLE_TO_GET_ISSUER_CERT: unknownCa,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownCa,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownCa,
  SELF_SIGNED_CERT_IN_CHAIN: unknownCa,
  CERT_REVOKED: { category: 'revoked', in: 'cert_revoked', out: 'verify_revoked' },
  CERT_SIGNATURE_FAILURE: { category: 'signature_failure', in: 'cert_bad_signature', out: 'verify_failed' },
  ERR_TLS_CERT_ALTNAME_INVALID: { category: 'hostname', in: 'cert_rejected', out: 'verify_hostname' },
};

/** X509_V_ERR numbers of OpenSSL (x509_vfy.h), for the detail text of 1.50. */
const verifyNumbers: Readonly<Record<string, number>> = {
  UNABLE_TO_GET_ISSUER_CERT: 2,
  CERT_SIGNATURE_FAILURE: 7,
  CERT_NOT_YET_VALID: 9,
  CERT_HAS_EXPIRED: 10,
  DEPTH_ZERO_SELF_SIGNED_CERT: 18,
  SELF_SIGNED_CERT_IN_CHAIN: 19,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 20,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 21,
  CERT_REVOKED: 23,
  INVALID_PURPOSE: 26,
};
