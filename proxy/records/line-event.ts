import type { ConnectionContext } from '../connection/context.ts';
import { connectionJson, type FieldsCache, messageFieldsJson } from './connection-json.ts';
import {
  epochSeconds,
  integer,
  integers,
  maybeBoolean,
  maybeText,
  real,
  texts,
  tlsParameters,
} from './line-parts.ts';
import type { EventFields } from './log.ts';
import { type Redaction, redactCopy, redactPath, redactTid } from './redaction.ts';

/** One `event` line, newline included; key order as in EventRecord. Header maps are made from the raw lists. */
export function eventLine(
  id: string,
  seq: number,
  context: ConnectionContext,
  redaction: Redaction,
  f: EventFields,
): string {
  const json = connectionJson(context, redaction);
  const tls = f.tls === context.tlsIn ? json.tls : tlsParameters(f.tls);
  return (
    `{"kind":"event","id":"${id}","ts_start":${epochSeconds(f.ts_start)},"ts_end":${epochSeconds(f.ts_end)},${json.route}` +
    `,"protocol":"${f.protocol}","tls":${tls},"request":${f.redis === null ? request(f.request, json.request, redaction) : bareRequest(f.request.method)}` +
    `,"response":${f.redis === null ? response(f.response, json.response, redaction) : bareResponse},"bytes_in":${integer(f.bytes_in)}` +
    `,"bytes_out":${integer(f.bytes_out)},"duration_ms":${integer(f.duration_ms)}` +
    `,"flags":${texts(f.flags)},"error":${maybeText(f.error)},"conn_id":"${context.connId}","seq":${seq}` +
    `,${json.peerAndUpstream},"tid":${maybeText(redactTid(f.tid, redaction))}` +
    `${isPlain(f) ? plainOutcome : outcome(f, redaction)},"redis":${f.redis === null ? 'null' : redis(f.redis)}}\n`
  );
}

/** The keys of which a whole HTTP exchange has nothing to say. */
type Outcome = Pick<
  EventFields,
  | 'trace_id'
  | 'cause'
  | 'error_code'
  | 'error_code_name'
  | 'grpc_status'
  | 'grpc_message'
  | 'grpc_request_messages'
  | 'grpc_response_messages'
  | 'grpc_timeout_ms'
  | 'trailers_only'
  | 'informational'
  | 'anomalies'
  | 'local_reply'
>;

function outcome(f: Outcome, redaction: Redaction | null): string {
  const shown = (value: string | null, field: string) =>
    redaction === null ? value : redactCopy(value, redaction, [field]);
  return (
    `,"trace_id":${maybeText(shown(f.trace_id, 'traceparent'))},"cause":${maybeText(f.cause)}` +
    `,"error_code":${integer(f.error_code)},"error_code_name":${maybeText(f.error_code_name)}` +
    `,"grpc_status":${integer(f.grpc_status)}` +
    `,"grpc_message":${maybeText(shown(f.grpc_message, 'grpc-message'))}` +
    `,"grpc_request_messages":${integer(f.grpc_request_messages)}` +
    `,"grpc_response_messages":${integer(f.grpc_response_messages)}` +
    `,"grpc_timeout_ms":${f.grpc_timeout_ms === null ? 'null' : real(f.grpc_timeout_ms)}` +
    `,"trailers_only":${maybeBoolean(f.trailers_only)},"informational":${integers(f.informational)}` +
    `,"anomalies":${texts(f.anomalies)},"local_reply":${f.local_reply}`
  );
}

const plainOutcome = outcome(
  {
    trace_id: null,
    cause: null,
    error_code: null,
    error_code_name: null,
    grpc_status: null,
    grpc_message: null,
    grpc_request_messages: null,
    grpc_response_messages: null,
    grpc_timeout_ms: null,
    trailers_only: null,
    informational: [],
    anomalies: [],
    local_reply: false,
  },
  null,
);

function isPlain(f: Outcome): boolean {
  return (
    f.trace_id === null &&
    f.cause === null &&
    f.error_code === null &&
    f.error_code_name === null &&
    f.grpc_status === null &&
    f.grpc_message === null &&
    f.grpc_request_messages === null &&
    f.grpc_response_messages === null &&
    f.grpc_timeout_ms === null &&
    f.trailers_only === null &&
    f.informational.length === 0 &&
    f.anomalies.length === 0 &&
    !f.local_reply
  );
}

/** A Redis command has a name and nothing else of a message. */
const bareMessage = '{"headers":{},"body_b64":null,"body_truncated":false,"content_length":null';
const bareRequest = (method: string | null): string =>
  `${bareMessage},"method":${maybeText(method)},"path":null,"authority":null,"stream_id":null,"grpc_service":null` +
  ',"grpc_method":null,"raw_headers":[],"trailers":[]}';
const bareResponse = `${bareMessage},"status":null,"raw_headers":[],"trailers":[]}`;

const redis = (r: NonNullable<EventFields['redis']>): string =>
  `{"command":${maybeText(r.command)},"subcommand":${maybeText(r.subcommand)},"arg_count":${integer(r.arg_count)}` +
  `,"client_name":${maybeText(r.client_name)},"channel":${maybeText(r.channel)},"reply":"${r.reply}"` +
  `,"reply_type":${maybeText(r.reply_type)},"error_code":${maybeText(r.error_code)}` +
  `,"error_text":${maybeText(r.error_text)},"resp_version":${r.resp_version},"pushes":${integer(r.pushes)},"count":${integer(r.count)}}`;

const authorityFields = ['host', ':authority'];

function request(r: EventFields['request'], cache: FieldsCache, redaction: Redaction): string {
  const { list, map, trailers } = messageFieldsJson(cache, r.raw_headers, r.trailers, false, redaction);
  return (
    `${message(map, r)},"method":${maybeText(r.method)}` +
    `,"path":${maybeText(redactPath(r.path, redaction))}` +
    `,"authority":${maybeText(redactCopy(r.authority, redaction, authorityFields))},"stream_id":${integer(r.stream_id)}` +
    `,"grpc_service":${maybeText(redactPath(r.grpc_service, redaction))}` +
    `,"grpc_method":${maybeText(redactPath(r.grpc_method, redaction))}` +
    `,"raw_headers":${list},"trailers":${trailers}}`
  );
}

function response(r: EventFields['response'], cache: FieldsCache, redaction: Redaction): string {
  const { list, map, trailers } = messageFieldsJson(cache, r.raw_headers, r.trailers, true, redaction);
  return `${message(map, r)},"status":${integer(r.status)},"raw_headers":${list},"trailers":${trailers}}`;
}

const message = (headersJson: string, m: EventFields['request'] | EventFields['response']): string =>
  `{"headers":${headersJson},"body_b64":${maybeText(m.body_b64)},"body_truncated":${m.body_truncated}` +
  `,"content_length":${integer(m.content_length)}`;
