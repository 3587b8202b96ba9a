import { errorCodeName } from '../../../protos/h2/constants.ts';
import type { Field } from '../../../protos/hpack/dynamic-table.ts';
import type { Cause } from '../../../protos/records/causes.ts';
import type { ConnectionContext } from '../../connection/context.ts';
import type { EventFields } from '../../records/log.ts';
import type { Anomaly } from './anomalies.ts';
import { type Exchange, type Half, note } from './exchange.ts';
import type { HeaderFacts } from './header-facts.ts';

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
  if (grpc !== null) noteAll(exchange, grpc.anomalies(request.ended, answered));
  noteOf(exchange, request.headers);
  noteOf(exchange, request.trailers);
  noteOf(exchange, response.headers);
  noteOf(exchange, response.trailers);
  const asked = request.headers;
  const answer = response.headers;
  const errorCode = failure?.errorCode ?? resetCode;
  const endMs = answered && failure === null ? exchange.responseEndedAtMs : endedAtMs;
  return {
    ts_start: exchange.startedAtMs / 1000,
    ts_end: endMs / 1000,
    protocol: grpc === null ? 'http2' : 'grpc',
    tls: context.tlsIn,
    request: {
      headers: builtByLog,
      body_b64: request.body?.take() ?? null,
      body_truncated: request.body?.truncated ?? false,
      content_length: asked?.contentLength ?? null,
      raw_headers: asked?.fields ?? none,
      trailers: request.trailers?.fields ?? none,
      method: asked?.method ?? null,
      path: asked?.path ?? null,
      authority: asked?.authority ?? null,
      stream_id: exchange.streamId,
      grpc_service: grpc?.service ?? null,
      grpc_method: grpc?.method ?? null,
    },
    response: {
      headers: builtByLog,
      body_b64: response.body?.take() ?? null,
      body_truncated: response.body?.truncated ?? false,
      content_length: answer?.contentLength ?? null,
      raw_headers: answer?.fields ?? none,
      trailers: response.trailers?.fields ?? none,
      status: answer?.status ?? null,
    },
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
    redis: null,
  };
}

const builtByLog: Record<string, string> = {};
const none: Field[] = [];

function noteOf(exchange: Exchange, headers: HeaderFacts | null): void {
  if (headers !== null && headers.anomalies.length > 0) noteAll(exchange, headers.anomalies);
}

function noteAll(exchange: Exchange, anomalies: readonly Anomaly[]): void {
  for (const anomaly of anomalies) note(exchange, anomaly);
}

function flagsOf(exchange: Exchange, failure: Failure | null): string[] {
  const flags: string[] = [];
  if (failure !== null) flags.push('error');
  if (failure?.timedOut) flags.push('timeout');
  if (exchange.pushed) flags.push('push');
  return flags;
}

/** Zero where no message can have come; null where messages cannot be told (grpc-web). */
function responseMessages(grpc: NonNullable<Exchange['grpc']>): number | null {
  if (grpc.responseMessages !== null) return grpc.responseMessages.messages;
  return grpc.requestMessages === null || grpc.responseUncounted ? null : 0;
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
