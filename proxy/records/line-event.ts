import type { ConnectionContext } from '../connection/context.ts';
import { fieldListJson, fieldsJson } from './field-json.ts';
import {
  integer,
  integers,
  maybeBoolean,
  maybeText,
  real,
  text,
  texts,
  tlsParameters,
} from './line-parts.ts';
import type { EventFields } from './log.ts';
import { type Redaction, redactCopy, redactFields, redactPath, redactTid } from './redaction.ts';

/** One `event` line, newline included; key order as in EventRecord. Header maps are made from the raw lists. */
export function eventLine(
  id: string,
  seq: number,
  context: ConnectionContext,
  redaction: Redaction,
  f: EventFields,
): string {
  return (
    `{"kind":"event","id":"${id}","ts_start":${real(f.ts_start)},"ts_end":${real(f.ts_end)}` +
    `,"listener":${redaction.listenerJson},"client_ip":${text(context.clientIp)}` +
    `,"client_port":${context.clientPort},"upstream_addr":${redaction.upstreamAddrJson}` +
    `,"protocol":"${f.protocol}","tls":${tlsParameters(f.tls)},"request":${request(f.request, redaction)}` +
    `,"response":${response(f.response, redaction)},"bytes_in":${integer(f.bytes_in)}` +
    `,"bytes_out":${integer(f.bytes_out)},"duration_ms":${integer(f.duration_ms)}` +
    `,"flags":${texts(f.flags)},"error":${maybeText(f.error)},"conn_id":"${context.connId}","seq":${seq}` +
    `,"peer_ip":${text(context.peerIp)},"peer_port":${context.peerPort}` +
    `,"upstream_local":${maybeText(context.upstreamLocal)},"tid":${maybeText(redactTid(f.tid, redaction))}` +
    `,"trace_id":${maybeText(redactCopy(f.trace_id, redaction, ['traceparent']))},"cause":${maybeText(f.cause)}` +
    `,"error_code":${integer(f.error_code)},"error_code_name":${maybeText(f.error_code_name)}` +
    `,"grpc_status":${integer(f.grpc_status)}` +
    `,"grpc_message":${maybeText(redactCopy(f.grpc_message, redaction, ['grpc-message']))}` +
    `,"grpc_request_messages":${integer(f.grpc_request_messages)}` +
    `,"grpc_response_messages":${integer(f.grpc_response_messages)}` +
    `,"grpc_timeout_ms":${f.grpc_timeout_ms === null ? 'null' : real(f.grpc_timeout_ms)}` +
    `,"trailers_only":${maybeBoolean(f.trailers_only)},"informational":${integers(f.informational)}` +
    `,"anomalies":${texts(f.anomalies)},"local_reply":${f.local_reply}}\n`
  );
}

function request(r: EventFields['request'], redaction: Redaction): string {
  const { list, map } = fieldsJson(redactFields(r.raw_headers, redaction), []);
  return (
    `${message(map, r)},"method":${maybeText(r.method)}` +
    `,"path":${maybeText(redactPath(r.path, redaction))}` +
    `,"authority":${maybeText(redactCopy(r.authority, redaction, ['host', ':authority']))},"stream_id":${integer(r.stream_id)}` +
    `,"grpc_service":${maybeText(redactPath(r.grpc_service, redaction))}` +
    `,"grpc_method":${maybeText(redactPath(r.grpc_method, redaction))}` +
    `,"raw_headers":${list},"trailers":${fieldListJson(redactFields(r.trailers, redaction))}}`
  );
}

function response(r: EventFields['response'], redaction: Redaction): string {
  const trailers = redactFields(r.trailers, redaction);
  const { list, map } = fieldsJson(redactFields(r.raw_headers, redaction), trailers);
  return `${message(map, r)},"status":${integer(r.status)},"raw_headers":${list},"trailers":${fieldListJson(trailers)}}`;
}

const message = (headersJson: string, m: EventFields['request'] | EventFields['response']): string =>
  `{"headers":${headersJson},"body_b64":${maybeText(m.body_b64)},"body_truncated":${m.body_truncated}` +
  `,"content_length":${integer(m.content_length)}`;
