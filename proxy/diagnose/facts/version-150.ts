import { errorCodeName } from '../../../protos/h2/constants.ts';
import type { ReadRecord } from '../../query/reading/record-reader.ts';
import { numberOf, objectOf, textOf } from './values.ts';

/**
 * wiretracer 1.50 wrote no `cause`: its words in those of causes.ts, as far as they tell. What it lumped together stays
 * unknown: null.
 */
export function handshakeCauseOf150(record: ReadRecord): string | null {
  const detail = textOf(record.detail) ?? '';
  return record.side === 'out' ? outbound(textOf(record.reason)) : inbound(record, detail);
}

function inbound(record: ReadRecord, detail: string): string | null {
  const known = inboundCategories[textOf(record.category) ?? ''];
  if (known !== undefined) return known;
  const alert = /(?:TLSV\d+|SSLV3)_ALERT_([A-Z_]+)/.exec(detail)?.[1];
  if (alert !== undefined) return `client_alert:${alert.toLowerCase()}`;
  return inboundDetails.find(([pattern]) => pattern.test(detail))?.[1] ?? null;
}

const inboundCategories: Readonly<Record<string, string>> = {
  expired: 'cert_expired',
  wrong_eku: 'cert_wrong_eku',
  unknown_ca: 'cert_unknown_ca',
  signature_failure: 'cert_bad_signature',
  cert_verify_failed: 'cert_rejected',
};

/** OpenSSL's words in the details of Python's ssl module. */
const inboundDetails: readonly (readonly [RegExp, string])[] = [
  [/PEER_DID_NOT_RETURN_A_CERTIFICATE/, 'no_client_cert'],
  [/HTTP_REQUEST|HTTPS_PROXY_REQUEST/, 'http_request'],
  [/WRONG_VERSION_NUMBER/, 'not_tls'],
  [/NO_SHARED_CIPHER|NO_SUITABLE/, 'no_shared_cipher'],
  [/UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW/, 'protocol_version'],
  [/NO_APPLICATION_PROTOCOL/, 'no_alpn'],
  [/ConnectionResetError/, 'client_reset'],
  [/EOF|IncompleteRead/i, 'client_eof'],
  [/Timeout/i, 'timeout'],
];

function outbound(reason: string | null): string | null {
  return outboundReasons[reason ?? ''] ?? null;
}

const outboundReasons: Readonly<Record<string, string>> = {
  upstream_connect_timeout: 'connection_timeout',
  upstream_handshake_timeout: 'timeout',
  timeout: 'timeout',
  no_application_protocol: 'alpn_mismatch',
  unknown_ca: 'server_alert:unknown_ca',
  bad_certificate: 'server_alert:bad_certificate',
  handshake_failure: 'server_alert:handshake_failure',
  no_shared_cipher: 'no_shared_cipher',
  protocol_version: 'protocol_version',
  cert_verify_failed: 'verify_failed',
};

/** Cause and term of a connection that is over. */
export function closeCauseOf150(record: ReadRecord): { cause: string | null; term: string | null } {
  const [cause, term] = closeReasons[textOf(record.close_reason) ?? ''] ?? [null, null];
  return { cause, term };
}

const closeReasons: Readonly<Record<string, readonly [string | null, string]>> = {
  proxy_protocol_error: ['proxy_malformed', 'pR'],
  tls_in_fail: [null, 'TR'],
  upstream_connect_fail: [null, 'SC'],
  upstream_protocol_error: ['h2_protocol_error', 'SH'],
  client_protocol_error: ['h2_protocol_error', 'CR'],
  protocol_error: ['h1_protocol_error', 'PR'],
  client_rst: ['reset', 'CR'],
  upstream_rst: ['reset', 'SH'],
  rst: ['reset', 'CR'],
  client_read_timeout: ['timeout', 'cR'],
  upstream_read_timeout: ['timeout', 'sH'],
  client_idle_timeout: ['idle_timeout', 'c-'],
  upstream_idle_timeout: ['idle_timeout', 'P-'],
  proxy_idle_timeout: ['idle_timeout', 'P-'],
  client_fin: ['graceful', '--'],
  upstream_fin: ['graceful', '--'],
  completed: ['graceful', '--'],
  cancelled: ['shutdown', 'K-'],
};

/** Why an exchange failed; null when it did not. */
export function exchangeCauseOf150(record: ReadRecord): string | null {
  const error = textOf(record.error);
  if (error === null || error === '') return null;
  const reset = /^(?:up|down)stream reset: (\d+)/.exec(error);
  if (reset !== null) return `h2_rst:${errorCodeName(Number(reset[1]))}`;
  return /timeout/i.test(error) ? 'timeout' : 'exchange_error';
}

/** 1.50 left the gRPC status among the headers. */
export function grpcStatusOf150(record: ReadRecord): number | null {
  const headers = objectOf(objectOf(record.response).headers);
  const raw = textOf(headers['grpc-status']);
  return raw === null || !/^\d{1,3}$/.test(raw) ? null : numberOf(Number(raw));
}
