import type { Cause } from '../../../protos/records/causes.ts';

/** The public face of a failure: status, RFC 9209 error type, and words that tell nothing of TLS or addresses. */
export type ReplyReason = { status: 502 | 504; proxyError: string; text: string; wantsHttp1: boolean };

/** RFC 9209 section 2.3. TLS detail stays in the records: the client is told of a connection that ended. */
export function replyReason(cause: Cause, timedOut: boolean): ReplyReason {
  const wantsHttp1 = cause === 'alpn_mismatch';
  const proxyError = errorTypes[cause] ?? (timedOut ? 'connection_timeout' : 'connection_terminated');
  const status = timedOut || /timeout/.test(proxyError) ? 504 : 502;
  return {
    status,
    proxyError,
    text: status === 504 ? 'upstream timed out' : 'upstream unavailable',
    wantsHttp1,
  };
}

const errorTypes: Readonly<Record<string, string>> = {
  dns_error: 'dns_error',
  dns_timeout: 'dns_timeout',
  connection_refused: 'connection_refused',
  connection_timeout: 'connection_timeout',
  connection_terminated: 'connection_terminated',
  destination_ip_unroutable: 'destination_ip_unroutable',
  proxy_internal_error: 'proxy_internal_error',
  timeout: 'http_response_timeout',
};
