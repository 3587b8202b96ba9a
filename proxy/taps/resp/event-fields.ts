import type { Cause } from '../../../protos/records/causes.ts';
import type { EventRecord } from '../../../protos/records/records.ts';
import type { ConnectionContext } from '../../connection/context.ts';
import type { EventFields } from '../../records/log.ts';
import type { Anomaly } from './anomalies.ts';
import type { ReplyError } from './error-text.ts';
import { names } from './names.ts';
import type { PendingCommand } from './pending.ts';
import type { ReplyType } from './reply-reader.ts';

type Redis = NonNullable<EventRecord['redis']>;

/** How a command came out: its reply, or why there is none. */
export type Outcome = {
  reply: Redis['reply'];
  replyType: ReplyType | null;
  replyBytes: number;
  /** An error reply; of an aggregate the first error directly in it. */
  error: ReplyError | null;
  failure: { cause: Cause; error: string; timedOut: boolean } | null;
  anomalies: readonly Anomaly[];
  /** Commands that this event stands for. */
  count: number;
};

/** The `event` record of a command. No key, value, channel of a user or argument is in it. */
export function eventFields(
  context: ConnectionContext,
  command: PendingCommand,
  outcome: Outcome,
  respVersion: 2 | 3,
  pushes: number,
  endMs: number,
): EventFields {
  const { error, failure } = outcome;
  const name = names[command.command] ?? null;
  return {
    ts_start: command.startMs / 1000,
    ts_end: endMs / 1000,
    protocol: 'redis',
    tls: context.tlsIn,
    request: requests[command.command]!,
    response: emptyResponse,
    bytes_in: command.bytes,
    bytes_out: outcome.replyBytes,
    duration_ms: Math.max(0, Math.round(endMs - command.startMs)),
    flags: failure?.timedOut ? timeoutFlag : failure !== null || error !== null ? errorFlag : none,
    error: failure?.error ?? (error === null ? null : said(error)),
    tid: null,
    trace_id: null,
    cause: failure?.cause ?? (error === null ? null : `redis_error:${error.code ?? 'unknown'}`),
    error_code: null,
    error_code_name: null,
    grpc_status: null,
    grpc_message: null,
    grpc_request_messages: null,
    grpc_response_messages: null,
    grpc_timeout_ms: null,
    trailers_only: null,
    informational: none,
    anomalies: outcome.anomalies as Anomaly[],
    local_reply: false,
    redis: {
      command: name,
      subcommand: names[command.subcommand] ?? null,
      arg_count: command.argumentCount,
      client_name: command.clientName,
      channel: command.channel,
      reply: outcome.reply,
      reply_type: outcome.replyType,
      error_code: error?.code ?? null,
      error_text: error?.text ?? null,
      resp_version: respVersion,
      pushes: pushes,
      count: outcome.count,
    },
  };
}

const none: never[] = [];
const errorFlag = ['error'];
const timeoutFlag = ['timeout'];
const emptyMessage = {
  headers: {},
  body_b64: null,
  body_truncated: false,
  content_length: null,
  raw_headers: none,
  trailers: none,
};
const emptyResponse: EventFields['response'] = { ...emptyMessage, status: null };

const requests = names.map((method): EventFields['request'] => ({
  ...emptyMessage,
  method,
  path: null,
  authority: null,
  stream_id: null,
  grpc_service: null,
  grpc_method: null,
}));

function said({ code, text }: ReplyError): string {
  if (code === null) return 'the upstream answered with an error';
  return text === null || text === '' ? code : `${code} ${text}`;
}
