import { errorCodeName } from '../../../protos/h2/constants.ts';
import type { Cause } from '../../../protos/records/causes.ts';
import type { ConnectionContext } from '../../connection/context.ts';
import type { EventFields } from '../../records/log.ts';
import { type Exchange, type Half, note } from './exchange.ts';

/** Why an exchange did not complete. */
export type Failure = { cause: Cause; error: string; errorCode: number | null; timedOut: boolean };

/** The event of an exchange that is over. `resetCode`: of an RST_STREAM that harmed nothing. */
export function eventOf(
  context: ConnectionContext,
  exchange: Exchange,
  endedAtMs: number,
  known: Failure | null,
  resetCode: number | null = null,
): EventFields {
  const { localReply } = context;
  const failure = known ?? (localReply ? { ...localReply, errorCode: null } : null);
  const { request, response, grpc, informational } = exchange;
  const answered = response.ended;
  const outcome = grpc?.outcome(response.trailers ?? response.headers, answered) ?? null;
  checkLengths(exchange);
  if (answered && !request.ended) note(exchange, 'request_unfinished');
  for (const anomaly of grpc?.anomalies(request.ended, answered) ?? []) note(exchange, anomaly);
  for (const headers of [request.headers, request.trailers, response.headers, response.trailers]) {
    for (const anomaly of headers?.anomalies ?? []) note(exchange, anomaly);
  }
  const asked = request.headers;
  const errorCode = failure?.errorCode ?? resetCode;
  const endMs = answered && failure === null ? exchange.responseEndedAtMs : endedAtMs;
  return {
    ts_start: exchange.startedAtMs / 1000,
    ts_end: endMs / 1000,
    protocol: grpc === null ? 'http2' : 'grpc',
    tls: context.tlsIn,
    request: {
      ...messageOf(request),
      method: asked?.method ?? null,
      path: asked?.path ?? null,
      authority: asked?.authority ?? null,
      stream_id: exchange.streamId,
      grpc_service: grpc?.service ?? null,
      grpc_method: grpc?.method ?? null,
    },
    response: { ...messageOf(response), status: response.headers?.status ?? null },
    bytes_in: request.bytes,
    bytes_out: response.bytes,
    duration_ms: Math.max(0, Math.round(endMs - exchange.startedAtMs)),
    flags: flagsOf(exchange, failure),
    error: failure?.error ?? null,
    tid: asked?.tid ?? null,
    trace_id: asked?.traceId ?? null,
    cause: failure?.cause ?? null,
    error_code: errorCode,
    error_code_name: errorCode === null ? null : errorCodeName(errorCode),
    grpc_status: outcome?.status ?? null,
    grpc_message: outcome?.message ?? null,
    grpc_request_messages: grpc?.requestMessages?.messages ?? null,
    grpc_response_messages: grpc === null ? null : responseMessages(grpc),
    grpc_timeout_ms: grpc?.timeoutMs ?? null,
    trailers_only: grpc === null ? null : exchange.headersEndedResponse,
    informational,
    anomalies: exchange.anomalies,
    local_reply: localReply !== undefined,
  };
}

type Message = Pick<
  EventFields['request'],
  'headers' | 'body_b64' | 'body_truncated' | 'content_length' | 'raw_headers' | 'trailers'
>;

function messageOf(half: Half): Message {
  return {
    headers: {},
    body_b64: half.body?.take() ?? null,
    body_truncated: half.body?.truncated ?? false,
    content_length: half.headers?.contentLength ?? null,
    raw_headers: half.headers?.fields ?? [],
    trailers: half.trailers?.fields ?? [],
  };
}

function flagsOf(exchange: Exchange, failure: Failure | null): string[] {
  const flags: string[] = [];
  if (failure !== null) flags.push('error');
  if (failure?.timedOut) flags.push('timeout');
  if (exchange.pushed) flags.push('push');
  return flags;
}

/** Zero while a response has not begun; null where messages cannot be told (grpc-web). */
function responseMessages(grpc: NonNullable<Exchange['grpc']>): number | null {
  if (grpc.requestMessages === null) return null;
  return grpc.responseMessages?.messages ?? 0;
}

function checkLengths(exchange: Exchange): void {
  const { request, response } = exchange;
  const status = response.headers?.status;
  // RFC 9110 section 8.6: without a body these may still tell the length of the one they stand for.
  const bodiless = request.headers?.method === 'HEAD' || status === 304;
  if (lengthDiffers(request, false) || lengthDiffers(response, bodiless))
    note(exchange, 'content_length_mismatch');
}

function lengthDiffers(half: Half, bodiless: boolean): boolean {
  const expected = half.headers?.contentLength ?? null;
  if (expected === null || (bodiless && half.bytes === 0)) return false;
  return half.bytes > expected || (half.ended && half.bytes < expected);
}
