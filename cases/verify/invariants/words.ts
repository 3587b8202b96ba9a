import { causes } from '../../../protos/records/causes.ts';
import type { ConnRecord, EventRecord, H2ctlRecord } from '../../../protos/records/records.ts';
import { show } from '../../json.ts';
import type { CaseInstance } from '../../load/catalog.ts';
import type { Evidence } from '../../run/evidence.ts';
import { type ConnectionView, differs, type Invariant } from '../case-view.ts';
import { redactedPath } from '../fields.ts';
import type { Mismatch } from '../match.ts';

export const words: Invariant = {
  name: 'words',
  witness:
    'the table of causes, the RFC 9113 registry of error codes, and the words of one record against each other',
  check: ({ connections, instance, evidence }) =>
    connections.flatMap((connection) => [
      ...(connection.close ? closing(connection.close, connection, evidence) : []),
      ...(connection.open ? opening(connection.open) : []),
      ...connection.events.flatMap(exchange),
      ...connection.h2ctl.flatMap(frame),
      ...(clean(instance, connection) ? connection.events.flatMap(spotless) : []),
    ]),
};

/**
 * First letter of `term` to the sides that may have ended the connection. Not of a breach of the protocol: there the
 * letter tells who broke it, and whoever noticed may have closed.
 */
const endedBy: Record<string, string[]> = {
  C: ['client'],
  S: ['upstream', 'proxy'],
  P: ['proxy', 'client'],
  R: ['proxy'],
  I: ['proxy'],
  K: ['proxy'],
  c: ['proxy', 'client'],
  s: ['proxy'],
  p: ['client', 'proxy'],
  T: ['client', 'proxy'],
  t: ['upstream', 'proxy'],
  '-': ['client', 'upstream', 'proxy'],
};
const phases = 'RQCHD-';

/** What the prefix of a close reason says of who closed. */
const byReason: [RegExp, string[]][] = [
  [/^client_(read|idle)_timeout$|^upstream_(read|idle)_timeout$|^proxy_/, ['proxy', 'client']],
  // By the upstream when its alert, FIN or RST ended the attempt.
  [/^upstream_connect_fail$/, ['proxy', 'upstream', 'client']],
  [/^client_/, ['client']],
  [/^upstream_/, ['upstream']],
  [/^completed$|^cancelled$|^timeout$/, ['proxy']],
];

function closing(close: ConnRecord, { events, seen }: ConnectionView, evidence: Evidence): Mismatch[] {
  const broken: Mismatch[] = [];
  const { term, cause, closed_by, close_reason, error } = close;
  const word = (cause ?? '').split(':')[0]!;
  if (!(word in causes)) broken.push(differs(close, 'cause', 'a word of the table of causes', cause));
  if (term === null || !(term[0]! in endedBy) || !phases.includes(term[1]!)) {
    broken.push(differs(close, 'term', 'two letters of the model', term));
  } else {
    const able = /^h[12]_protocol_error$/.test(word) ? ['client', 'upstream'] : endedBy[term[0]!]!;
    if (!able.includes(closed_by ?? ''))
      broken.push(differs(close, 'closed_by', `${able.join(' or ')}, as term is ${term}`, closed_by));
  }
  const normal = term === '--';
  if (normal !== ['graceful', 'reset_after_done'].includes(word)) {
    broken.push(
      differs(close, 'cause', normal ? 'graceful or reset_after_done' : `another word for ${term}`, cause),
    );
  }
  if (word === 'graceful' && error !== null)
    broken.push(differs(close, 'error', 'null: a normal end', error));
  if (!normal && error === null) broken.push(differs(close, 'error', 'the evidence in words', null));
  if (close_reason === null) broken.push(differs(close, 'close_reason', 'a word', null));
  const allowed = byReason.find(([pattern]) => pattern.test(close_reason ?? ''))?.[1];
  if (allowed && !allowed.includes(closed_by ?? '')) {
    broken.push(
      differs(close, 'closed_by', `${allowed.join(' or ')}, as close_reason is ${close_reason}`, closed_by),
    );
  }
  const last = [...events]
    .sort(
      (left, right) =>
        left.ts_start - right.ts_start || (left.request.stream_id ?? 0) - (right.request.stream_id ?? 0),
    )
    .at(-1);
  if (last && last.request.path !== null && !events.some(({ request }) => request.path === close.path)) {
    broken.push(differs(close, 'path', show(last.request.path), close.path));
  }
  const [asked] = seen.request;
  const sampled = events.length === 0 && asked !== undefined;
  const asks = seen.request.map(({ path }) => redactedPath(path, evidence.listener.config.logging));
  if (sampled && !asks.includes(close.path ?? ''))
    broken.push(differs(close, 'path', asks.join(' or '), close.path));
  if (last && close.path !== null) {
    const tid = /[?&]tid=([^&#]*)/.exec(close.path)?.[1] ?? null;
    if (close.tid !== tid && !events.some((event) => event.tid === close.tid))
      broken.push(differs(close, 'tid', show(tid), close.tid));
  }
  const protocols = new Set(events.map(({ protocol }) => carriers[protocol]));
  if (protocols.size === 1 && close.protocol !== [...protocols][0]) {
    broken.push(differs(close, 'protocol', [...protocols][0]!, close.protocol));
  }
  return broken;
}

/** What a connection carries whose events are of a protocol. */
const carriers: Record<EventRecord['protocol'], string> = {
  http1: 'http/1.1',
  http2: 'h2',
  grpc: 'h2',
  redis: 'redis',
};

/** Nobody was asked to misbehave in HTTP. */
function clean({ upstream }: CaseInstance, { client }: ConnectionView): boolean {
  const keepsTo = (fault: { id: string } | undefined) => fault === undefined || belowHttp.test(fault.id);
  return typeof upstream === 'object' && keepsTo(upstream.fault) && !!client && keepsTo(client.spec.fault);
}

/** What these break is TLS, TCP or the PROXY header; damage to a stream can be damage to HTTP. */
const belowHttp = /^(?:tls-(?!proxy-inside)|pp\d?-|tcp-(?!corrupt|duplicate|lose|reorder|script))/;

function spotless(event: EventRecord): Mismatch[] {
  // A server may refuse a call before its request has ended (RFC 9113 8.1), and a gRPC deadline makes it.
  const early = event.protocol === 'grpc' && event.grpc_status !== 0;
  const odd = event.anomalies.filter((word) => !(early && word === 'request_unfinished'));
  return odd.length === 0
    ? []
    : [differs(event, 'anomalies', 'none: both ends keep to the protocol', event.anomalies)];
}

/** A connection that has only begun has no end yet. */
function opening(open: ConnRecord): Mismatch[] {
  const keys = [
    'closed_by',
    'close_reason',
    'cause',
    'term',
    'error',
    'client_end',
    'upstream_end',
    'client_close_notify',
    'upstream_close_notify',
    'tid',
    'path',
    'protocol',
  ] as const;
  const broken = keys
    .filter((key) => open[key] !== null)
    .map((key) => differs(open, key, 'null on open', open[key]));
  if (open.flags.length > 0) broken.push(differs(open, 'flags', 'none on open', open.flags));
  return broken;
}

function exchange(event: EventRecord): Mismatch[] {
  const broken: Mismatch[] = [];
  if ((event.error === null) !== (event.cause === null)) {
    broken.push(
      differs(
        event,
        'cause',
        event.error === null ? 'null, as error is' : 'a word, as there is an error',
        event.cause,
      ),
    );
  }
  const odd = event.flags.filter((flag) => event.error === null && !['upgrade', 'push'].includes(flag));
  if (odd.length > 0) broken.push(differs(event, 'flags', 'no error flag without an error', odd));
  const word = event.cause?.split(':')[0];
  if (word !== undefined && !(word in causes))
    broken.push(differs(event, 'cause', 'a word of the table of causes', event.cause));
  broken.push(...codeName(event, event.error_code, event.error_code_name));
  return broken;
}

function frame(record: H2ctlRecord): Mismatch[] {
  const code = record.details.error_code;
  return codeName(record, typeof code === 'number' ? code : null, record.error_code_name);
}

function codeName(record: EventRecord | H2ctlRecord, code: number | null, name: string | null): Mismatch[] {
  const expected = code === null ? null : errorNames[code];
  return expected === undefined || expected === name
    ? []
    : [differs(record, 'error_code_name', show(expected), name)];
}

/** RFC 9113 7. */
const errorNames = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];
