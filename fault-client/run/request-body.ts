import { seededPieces } from '../../protos/body/seeded-body.ts';
import type { RequestSpec } from '../../protos/control/fault-client.ts';

/** The body's pieces; none for a request without one. */
export function bodyPieces(request: RequestSpec): Iterable<Buffer> {
  const body = request.body;
  if (!body) return [];
  if ('text' in body) return body.text === '' ? [] : [Buffer.from(body.text)];
  return seededPieces(body.bytes, body.seed);
}

export function bodyBytes(request: RequestSpec): number {
  const body = request.body;
  if (!body) return 0;
  return 'text' in body ? Buffer.byteLength(body.text) : body.bytes;
}

/** Chunked where asked for, and wherever there are trailers, which only chunked bodies can carry in HTTP/1.1. */
export function isChunked(request: RequestSpec): boolean {
  const body = request.body;
  return (
    (request.trailers?.length ?? 0) > 0 || (body !== undefined && 'bytes' in body && body.chunked === true)
  );
}
