import type { RequestSpec } from '../../protos/control/fault-client.ts';
import { bodyBytes, isChunked } from '../run/request-body.ts';

/**
 * The header lines to send: the caller's, in order and duplicates kept, completed by Host, framing and Trailer where the
 * caller gave none. Nothing else is added, so that what arrives can be compared with what was asked for.
 */
export function requestHeaders(request: RequestSpec, host: string): [string, string][] {
  const given = request.headers ?? [];
  const has = (name: string): boolean => given.some(([key]) => key.toLowerCase() === name);
  const headers: [string, string][] = has('host') ? [...given] : [['Host', host], ...given];
  // A request is to be whole before the protocol switches (RFC 9110 7.8): bytes for the new one are no content of it.
  if (has('content-length') || has('transfer-encoding') || has('upgrade')) return headers;
  if (isChunked(request)) {
    headers.push(['Transfer-Encoding', 'chunked']);
    const names = request.trailers?.map(([name]) => name) ?? [];
    if (names.length > 0 && !has('trailer')) headers.push(['Trailer', names.join(', ')]);
  } else if (request.body) {
    headers.push(['Content-Length', String(bodyBytes(request))]);
  }
  return headers;
}

export function requestMethod(request: RequestSpec): string {
  const upgrades = request.headers?.some(([name]) => name.toLowerCase() === 'upgrade') ?? false;
  return request.method ?? (request.body && !upgrades ? 'POST' : 'GET');
}

export function requestPath(request: RequestSpec): string {
  return request.path ?? '/mode/ok';
}
