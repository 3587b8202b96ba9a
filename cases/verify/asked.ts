import { seededPieces } from '../../protos/body/seeded-body.ts';
import type { ClientSpec, RequestSpec } from '../../protos/control/fault-client.ts';

/** What one request of a client must be, by its spec alone. Null where the spec does not say. */
export type Asked = {
  method: string;
  path: string | null;
  /** Where a fault speaks TLS by itself, the name it offers or the address it dials. */
  authorities: string[];
  /** Every field but pseudo-fields; null where a library adds fields of its own. */
  fields: [string, string][] | null;
  trailers: [string, string][];
  /** Null where a library makes the body. */
  body: Buffer | null;
};

/** Faults below HTTP whose request, or what they send of one, is a part of them. */
const ownRequest = /^(tcp-crowd|tls-tiny-records)$/;

/** Faults below HTTP: the request they make, if any, is a good one. That of `tls-proxy-inside` begins with a PROXY header. */
const belowHttp = /^(?:tls|tcp|pp\d?)-(?!proxy-inside)/;
/** They ask the server to close behind the answer, and send no body. */
const forged = /^tls-(?:client-|no-close)/;

/** The request of a client that says well what its spec asks for; null for a client whose fault is in the request. */
export function askedBy(spec: ClientSpec): Asked | null {
  const { fault, proto } = spec;
  if (fault ? !belowHttp.test(fault.id) || ownRequest.test(fault.id) : proto === 'raw') return null;
  const request = spec.request ?? {};
  const authority = spec.tls?.servername || (spec.tls ? 'localhost' : spec.target);
  const given = request.headers ?? [];
  const has = (name: string) => given.some(([key]) => key.toLowerCase() === name);
  const pseudo = (name: string) => given.find(([key]) => key === name)?.[1];
  if (proto === 'grpc' || proto === 'grpc_native')
    return { method: 'POST', path: null, authorities: [authority], fields: null, trailers: [], body: null };
  const trailers = request.trailers ?? [];
  const body = fault && forged.test(fault.id) ? Buffer.alloc(0) : bodyOf(request);
  const chunked =
    proto !== 'h2' &&
    (trailers.length > 0 ||
      (request.body !== undefined && 'bytes' in request.body && !!request.body.chunked));
  const upgrades = has('upgrade');
  const named = pseudo(':authority') ?? given.find(([key]) => key.toLowerCase() === 'host')?.[1];
  return {
    method: pseudo(':method') ?? request.method ?? (request.body && !upgrades ? 'POST' : 'GET'),
    path: pseudo(':path') ?? request.path ?? '/mode/ok',
    authorities:
      named === undefined ? (fault ? [authority, 'localhost', spec.target] : [authority]) : [named],
    fields: fault ? null : proto === 'h2' ? given : [...given, ...framing(request, chunked, has, authority)],
    trailers,
    body: upgrades ? null : body,
  };
}

/** What a client of HTTP/1.1 must add: Host, and how the body is framed (RFC 9112 3.2, 6). */
function framing(
  request: RequestSpec,
  chunked: boolean,
  has: (name: string) => boolean,
  authority: string,
): [string, string][] {
  const fields: [string, string][] = has('host') ? [] : [['Host', authority]];
  if (has('content-length') || has('transfer-encoding') || has('upgrade')) return fields;
  if (!chunked) {
    if (request.body) fields.push(['Content-Length', String(bodyOf(request).length)]);
    return fields;
  }
  fields.push(['Transfer-Encoding', 'chunked']);
  const names = (request.trailers ?? []).map(([name]) => name);
  if (names.length > 0 && !has('trailer')) fields.push(['Trailer', names.join(', ')]);
  return fields;
}

/** Made once for each request of the catalogue: a self-test asks for it thousands of times. */
const bodies = new WeakMap<RequestSpec, Buffer>();

function bodyOf(request: RequestSpec): Buffer {
  const { body } = request;
  if (!body) return Buffer.alloc(0);
  let bytes = bodies.get(request);
  if (!bytes) {
    bytes = 'text' in body ? Buffer.from(body.text) : Buffer.concat([...seededPieces(body.bytes, body.seed)]);
    bodies.set(request, bytes);
  }
  return bytes;
}
