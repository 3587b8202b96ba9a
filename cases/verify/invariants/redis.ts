import type { EventRecord } from '../../../protos/records/records.ts';
import { show } from '../../json.ts';
import { type CaseView, type ConnectionView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';
import { scripted, type Value, values } from './resp-script.ts';

export const redis: Invariant = {
  name: 'redis',
  witness:
    'the script both ends were given, decoded as a whole; what of one event follows from the rest of it',
  check: (view) =>
    view.connections.flatMap((connection) => [
      ...connection.events.flatMap(own),
      ...(connection.close?.protocol === 'redis' ? [...script(connection, view), ...rest(connection)] : []),
    ]),
};

/** A reply without a type is none. */
const withoutReply = ['suppressed', 'unpaired', 'none'];

function own(event: EventRecord): Mismatch[] {
  const { redis, request, response, cause, protocol } = event;
  if (redis === null || protocol !== 'redis') {
    return (redis === null) === (protocol !== 'redis')
      ? []
      : [differs(event, 'redis', protocol === 'redis' ? 'an object' : 'null: not Redis', show(redis))];
  }
  const broken: Mismatch[] = [];
  const must = (key: string, expected: unknown, seen: unknown) => {
    if (show(expected) !== show(seen)) broken.push(differs(event, key, show(expected), seen));
  };
  must('request.method', redis.command, request.method);
  for (const key of [
    'path',
    'authority',
    'body_b64',
    'content_length',
    'grpc_service',
    'grpc_method',
  ] as const)
    must(`request.${key}`, null, request[key]);
  for (const key of ['status', 'body_b64', 'content_length'] as const)
    must(`response.${key}`, null, response[key]);
  for (const message of [request, response]) {
    must('headers', {}, message.headers);
    must('raw_headers', [], message.raw_headers);
    must('trailers', [], message.trailers);
    must('body_truncated', false, message.body_truncated);
  }
  for (const key of [
    'tid',
    'trace_id',
    'error_code',
    'error_code_name',
    'grpc_status',
    'grpc_message',
  ] as const)
    must(key, null, event[key]);
  must(
    'redis.reply_type',
    withoutReply.includes(redis.reply) ? null : 'a type',
    redis.reply_type && 'a type',
  );
  must(
    'bytes_out',
    redis.reply_type !== null,
    event.bytes_out > 0 && (redis.reply !== 'none' || redis.reply_type !== null),
  );
  const code = /^redis_error:(\w+)$/.exec(cause ?? '')?.[1] ?? null;
  must('redis.error_code', code === 'unknown' ? null : code, redis.error_code);
  if (redis.error_code === null) must('redis.error_text', null, redis.error_text);
  else if (redis.error_text !== null)
    must('error', `${redis.error_code} ${redis.error_text}`.trim(), event.error);
  if (cause === null) must('redis.error_code', null, redis.error_code);
  if (redis.subcommand !== null && redis.arg_count < 1)
    must('redis.arg_count', 'at least 1', redis.arg_count);
  if (redis.reply_type === 'error') must('redis.error_code', true, code !== null);
  must('flags', cause !== null, event.flags.includes('error') || event.flags.includes('timeout'));
  return broken;
}

/** What a connection without HTTP has none of, and what its events share with it. */
function rest({ close, events }: ConnectionView): Mismatch[] {
  const broken: Mismatch[] = [];
  for (const key of ['path', 'tid'] as const)
    if (close![key] !== null) broken.push(differs(close!, key, 'null: Redis has none', close![key]));
  for (const event of events)
    if (event.upstream_local !== close!.upstream_local)
      broken.push(differs(event, 'upstream_local', show(close!.upstream_local), event.upstream_local));
  return broken;
}

/** Commands and replies of a script are what the events tell, in their order. */
function script({ events, client, connId }: ConnectionView, { instance }: CaseView): Mismatch[] {
  const said = scripted(client?.spec.fault);
  const answered = typeof instance.upstream === 'object' ? scripted(instance.upstream.fault) : null;
  const commands = said === null ? null : values(said);
  if (commands === null || events.length === 0) return [];
  const told = events.reduce((sum, { redis }) => sum + (redis?.count ?? 1), 0);
  if (told !== commands.length && client?.result?.outcome === 'ok')
    return [{ path: `${connId}: events`, expected: `${commands.length} commands`, seen: told }];
  const ordered = [...events].sort((left, right) => left.seq - right.seq);
  const replies = answered === null ? null : values(answered);
  const pairs = replies?.length === commands.length ? replies : [];
  return [
    // The rest of a run stands for many, each like the one before it.
    ...ordered
      .slice(0, ordered.findIndex(({ redis }) => redis?.count !== 1) >>> 0)
      .flatMap((event, index) => [
        ...asked(event, commands[index]!, said!),
        ...(pairs[index] && event.redis?.reply === 'answered' ? replied(event, pairs[index]) : []),
      ]),
    ...(replies === null ? [] : totals(ordered, replies)),
  ];
}

/** What is no message to a subscriber is a reply to somebody. */
function totals(events: EventRecord[], said: Value[]): Mismatch[] {
  const last = events.at(-1)!;
  const isMessage = ({ items }: Value) => items[0]?.text === 'message';
  const sum = (of: (event: EventRecord) => number) => events.reduce((total, event) => total + of(event), 0);
  const bytes = said.filter((value) => !isMessage(value)).reduce((total, value) => total + value.bytes, 0);
  const pushes = said.filter(isMessage).length;
  const broken: Mismatch[] = [];
  const answered = events.every(({ redis }) => redis?.reply === 'answered');
  if (answered && sum(({ bytes_out }) => bytes_out) !== bytes)
    broken.push(
      differs(
        last,
        'bytes_out',
        `${bytes} with those before`,
        sum(({ bytes_out }) => bytes_out),
      ),
    );
  if (sum(({ redis }) => redis!.pushes) > pushes || (answered && sum(({ redis }) => redis!.pushes) < pushes))
    broken.push(
      differs(
        last,
        'redis.pushes',
        `${pushes} with those before`,
        sum(({ redis }) => redis!.pushes),
      ),
    );
  return broken;
}

function asked(event: EventRecord, { items, bytes }: Value, script: string): Mismatch[] {
  const broken: Mismatch[] = [];
  const [name = '', sub = ''] = items.map(({ text }) => text.toUpperCase());
  const { command, subcommand, arg_count, client_name, channel, resp_version } = event.redis!;
  if (command !== null && command !== name) broken.push(differs(event, 'redis.command', name, command));
  if (command === null && /^(PING|GET|SET|AUTH|ACL|EXEC|MULTI|SUBSCRIBE)$/.test(name))
    broken.push(differs(event, 'redis.command', name, null));
  if (subcommand !== null && subcommand !== sub)
    broken.push(differs(event, 'redis.subcommand', sub, subcommand));
  if (subcommand === null && /^(ACL|CONFIG|CLIENT|SENTINEL)$/.test(name))
    broken.push(differs(event, 'redis.subcommand', sub, null));
  if (arg_count !== items.length - 1)
    broken.push(differs(event, 'redis.arg_count', String(items.length - 1), arg_count));
  for (const [key, seen] of [
    ['client_name', client_name],
    ['channel', channel],
  ] as const)
    if (seen !== null && !script.includes(`\r\n${seen}\r\n`))
      broken.push(differs(event, `redis.${key}`, 'null: the client names none', seen));
  const version = script.includes('HELLO\r\n$1\r\n3\r\n') ? 3 : 2;
  if (resp_version !== version)
    broken.push(differs(event, 'redis.resp_version', String(version), resp_version));
  if (event.anomalies.length > 0 && !/_protocol_error:/.test(event.cause ?? ''))
    broken.push(differs(event, 'anomalies', 'none: the client keeps to the protocol', event.anomalies));
  if (event.bytes_in !== bytes) broken.push(differs(event, 'bytes_in', String(bytes), event.bytes_in));
  return broken;
}

function replied(event: EventRecord, { type, text, bytes }: Value): Mismatch[] {
  const broken: Mismatch[] = [];
  const { reply_type, error_code } = event.redis!;
  if (reply_type !== type) broken.push(differs(event, 'redis.reply_type', type, reply_type));
  if (event.bytes_out !== bytes) broken.push(differs(event, 'bytes_out', String(bytes), event.bytes_out));
  const code = type === 'error' ? text.split(' ')[0]! : null;
  if (type === 'error' && error_code !== code)
    broken.push(differs(event, 'redis.error_code', show(code), error_code));
  return broken;
}
