import type { Cause } from '../../../protos/records/causes.ts';
import type { ConnectionContext } from '../../connection/context.ts';
import type { EventFields } from '../../records/log.ts';
import type { Exchange } from './exchange.ts';

/** How an exchange failed; null when it completed. */
export type Failure = { cause: Cause | null; error: string; flags: string[] };

/** The `event` record of an exchange. */
export function eventFields(
  context: ConnectionContext,
  exchange: Exchange,
  known: Failure | null,
): EventFields {
  const { request, response } = exchange;
  const failure = known ?? localFailure(context);
  return {
    ts_start: exchange.startMs / 1000,
    ts_end: exchange.endMs / 1000,
    protocol: 'http1',
    tls: context.tlsIn,
    request: {
      headers: {},
      body_b64: request.capture?.base64() ?? null,
      body_truncated: request.capture?.truncated ?? false,
      content_length: request.contentLength,
      method: request.method,
      path: request.target,
      authority: request.authority,
      stream_id: null,
      grpc_service: null,
      grpc_method: null,
      raw_headers: request.fields,
      trailers: request.trailers,
    },
    response: {
      headers: {},
      body_b64: response.capture?.base64() ?? null,
      body_truncated: response.capture?.truncated ?? false,
      content_length: response.contentLength,
      status: response.status,
      raw_headers: response.fields,
      trailers: response.trailers,
    },
    bytes_in: request.bytes,
    bytes_out: response.bytes,
    duration_ms: Math.max(0, Math.round(exchange.endMs - exchange.startMs)),
    flags: [...exchange.flags, ...(failure?.flags ?? [])],
    error: failure?.error ?? null,
    tid: exchange.tid,
    trace_id: exchange.traceId,
    cause: failure?.cause ?? null,
    error_code: null,
    error_code_name: null,
    grpc_status: null,
    grpc_message: null,
    grpc_request_messages: null,
    grpc_response_messages: null,
    grpc_timeout_ms: null,
    trailers_only: null,
    informational: [...exchange.informational],
    anomalies: [...exchange.anomalies],
    local_reply: context.localReply !== undefined,
    redis: null,
  };
}

/** A whole answer by the proxy itself is still a failed exchange: the upstream never gave one. */
function localFailure({ localReply }: ConnectionContext): Failure | null {
  if (!localReply) return null;
  return { cause: localReply.cause, error: localReply.error, flags: localReply.timedOut ? ['timeout'] : [] };
}
