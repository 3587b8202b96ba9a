import { parseGrpcTimeout } from '../../../protos/grpc/timeout.ts';
import type { ReadRecord } from '../../query/reading/record-reader.ts';
import { numberOf, objectOf, type Source, sourceOf, textOf, textsOf } from './values.ts';
import { exchangeCauseOf150, grpcStatusOf150 } from './version-150.ts';

/** Exchanges of one connection that ended the same way: the first of them, and how many there were. */
export type ExchangeGroup = Source & {
  count: number;
  firstTs: number | null;
  lastTs: number | null;
  protocol: string;
  /** Why it did not complete, null when it did. */
  cause: string | null;
  error: string | null;
  status: number | null;
  grpcStatus: number | null;
  grpcMessage: string | null;
  grpcTimeoutMs: number | null;
  requestMessages: number | null;
  responseMessages: number | null;
  trailersOnly: boolean | null;
  errorCodeName: string | null;
  anomalies: string[];
  localReply: boolean;
  informational: readonly unknown[];
  method: string | null;
  path: string | null;
  authority: string | null;
  service: string | null;
  bytesIn: number | null;
  bytesOut: number | null;
  durationMs: number | null;
  requestType: string | null;
  responseType: string | null;
  server: string | null;
  /** Of the response. */
  contentLength: number | null;
  /** The first bytes of the response's body as text, where bodies are recorded. */
  body: string | null;
  /** Of up to 16 exchanges. */
  streamIds: number[];
  redis: {
    command: string | null;
    code: string | null;
    error: string | null;
    clientName: string | null;
    channel: string | null;
  } | null;
};

const bodyBytes = 600;

/** Whether an exchange needs looking at. Most are well: this decides without copying anything. */
export function isPlainSuccess(record: ReadRecord): boolean {
  if (isSet(record.cause) || isSet(record.error) || record.local_reply === true) return false;
  const status = objectOf(record.response).status;
  if (typeof status === 'number' && status >= 400) return false;
  if (Array.isArray(record.anomalies) && record.anomalies.length > 0) return false;
  if (record.protocol === 'grpc') return (record.grpc_status ?? grpcStatusOf150(record)) === 0;
  return true;
}

/** What exchanges have in common that belong to one group. */
export function signatureOf(record: ReadRecord): string {
  const { request, response } = { request: objectOf(record.request), response: objectOf(record.response) };
  const anomalies = Array.isArray(record.anomalies) ? record.anomalies.slice(0, 4).join() : '';
  const grpc = record.grpc_status ?? (record.protocol === 'grpc' ? grpcStatusOf150(record) : null);
  const redis = objectOf(record.redis);
  return [
    record.protocol,
    textOf(record.cause, 60) ?? textOf(record.error, 40),
    // Which side reset is told by the error alone.
    textOf(record.error, 12),
    response.status,
    grpc,
    anomalies,
    record.local_reply,
    textOf(request.grpc_service, 60),
    textOf(redis.error_code, 40),
    textOf(redis.command, 40),
  ].join('|');
}

export function readExchange(record: ReadRecord, line: number): ExchangeGroup {
  const request = objectOf(record.request);
  const response = objectOf(record.response);
  const requestHeaders = objectOf(request.headers);
  const responseHeaders = objectOf(response.headers);
  const ts = numberOf(record.ts_start);
  const streamId = numberOf(request.stream_id);
  return {
    ...sourceOf(record, line),
    count: 1,
    firstTs: ts,
    lastTs: numberOf(record.ts_end) ?? ts,
    protocol: textOf(record.protocol) ?? '',
    cause: record.cause === undefined ? exchangeCauseOf150(record) : textOf(record.cause),
    error: textOf(record.error),
    status: numberOf(response.status),
    grpcStatus: numberOf(record.grpc_status) ?? grpcStatusOf150(record),
    grpcMessage: textOf(record.grpc_message) ?? textOf(responseHeaders['grpc-message']),
    grpcTimeoutMs:
      numberOf(record.grpc_timeout_ms) ?? parseGrpcTimeout(textOf(requestHeaders['grpc-timeout']) ?? ''),
    requestMessages: numberOf(record.grpc_request_messages),
    responseMessages: numberOf(record.grpc_response_messages),
    trailersOnly: typeof record.trailers_only === 'boolean' ? record.trailers_only : null,
    errorCodeName: textOf(record.error_code_name),
    anomalies: textsOf(record.anomalies),
    localReply: record.local_reply === true,
    informational: Array.isArray(record.informational) ? record.informational.slice(0, 8) : [],
    method: textOf(request.method),
    path: textOf(request.path, 200),
    authority: textOf(request.authority),
    service: textOf(request.grpc_service),
    bytesIn: numberOf(record.bytes_in),
    bytesOut: numberOf(record.bytes_out),
    durationMs: numberOf(record.duration_ms),
    requestType: header(requestHeaders, 'content-type'),
    responseType: header(responseHeaders, 'content-type'),
    server: header(responseHeaders, 'server'),
    contentLength: numberOf(response.content_length) ?? numberFrom(header(responseHeaders, 'content-length')),
    body: bodyStart(response.body_b64),
    streamIds: streamId === null ? [] : [streamId],
    redis: readRedis(record),
  };
}

/** One more of the same kind. */
export function addToGroup(group: ExchangeGroup, record: ReadRecord): void {
  group.count += 1;
  const ts = numberOf(record.ts_start);
  if (ts !== null) {
    group.firstTs = Math.min(group.firstTs ?? ts, ts);
    group.lastTs = Math.max(group.lastTs ?? ts, numberOf(record.ts_end) ?? ts);
  }
  const streamId = numberOf(objectOf(record.request).stream_id);
  if (streamId !== null && group.streamIds.length < 16) group.streamIds.push(streamId);
}

function isSet(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '';
}

function header(headers: Readonly<Record<string, unknown>>, name: string): string | null {
  const exact = headers[name];
  if (exact !== undefined) return textOf(exact, 100);
  const found = Object.keys(headers).find((other) => other.toLowerCase() === name);
  return found === undefined ? null : textOf(headers[found], 100);
}

function bodyStart(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  return Buffer.from(value.slice(0, (bodyBytes * 4) / 3), 'base64').toString('latin1');
}

function numberFrom(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function readRedis(record: ReadRecord): ExchangeGroup['redis'] {
  if (record.protocol !== 'redis') return null;
  const redis = objectOf(record.redis);
  return {
    command: textOf(redis.command, 100) ?? textOf(objectOf(record.request).method, 100),
    code: textOf(redis.error_code, 100),
    error: textOf(redis.error_text),
    clientName: textOf(redis.client_name, 100),
    channel: textOf(redis.channel, 100),
  };
}
