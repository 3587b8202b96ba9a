import type { EventRecord } from '../../../protos/records/records.ts';
import { show } from '../../json.ts';
import { type CaseView, type ConnectionView, differs, type Invariant } from '../case-view.ts';
import { everyExchangeIsRecorded, exchangePairs, reachedTheServer, type SeenRequest } from '../exchanges.ts';
import { fieldDifference, redactedNames, redactedPath } from '../fields.ts';
import type { Mismatch } from '../match.ts';

export const requests: Invariant = {
  name: 'requests',
  witness: 'the requests the server saw, on the same stream or in the same order',
  check: (view) =>
    view.connections.flatMap((connection) => [
      ...everyRequestHasItsEvent(connection, view),
      ...connection.events.flatMap(own),
      ...exchangePairs(connection).flatMap(({ event, request }) =>
        request ? compare(event, request, view) : [],
      ),
    ]),
};

function everyRequestHasItsEvent(
  { events, seen, connId, client }: ConnectionView,
  { instance, evidence }: CaseView,
): Mismatch[] {
  if (!everyExchangeIsRecorded(evidence)) return [];
  const reached = events.filter(reachedTheServer);
  const complete = seen.request.length;
  const path = `${connId}: events`;
  if (complete > reached.length)
    return [{ path, expected: `${complete}, as the server saw requests`, seen: reached.length }];
  const plain =
    client?.spec.fault === undefined &&
    typeof instance.upstream === 'object' &&
    instance.upstream.kind !== 'raw' &&
    instance.upstream.fault === undefined;
  const answered = reached.filter(({ response }) => response.status !== null);
  if (plain && answered.length > complete) {
    return [{ path, expected: `${complete} answered, as the server saw requests`, seen: answered.length }];
  }
  return [];
}

function compare(event: EventRecord, request: SeenRequest, view: CaseView): Mismatch[] {
  const broken: Mismatch[] = [];
  const { listener } = view.evidence;
  if (request.stream_id !== null && request.stream_id !== event.request.stream_id) {
    broken.push(differs(event, 'request.stream_id', String(request.stream_id), event.request.stream_id));
  }
  const native = request.stream_id === null && event.protocol !== 'http1';
  for (const [key, expected, seen] of [
    ['method', request.method, event.request.method],
    ['path', redactedPath(request.path, listener.config.logging), event.request.path],
    ['authority', request.authority ?? event.request.authority, event.request.authority],
  ] as const) {
    if (expected !== seen) broken.push(differs(event, `request.${key}`, show(expected), seen));
  }
  if (event.upstream_local === null) broken.push(differs(event, 'upstream_local', request.remote, null));
  if (event.local_reply && event.cause !== 'timeout')
    broken.push(differs(event, 'local_reply', 'false: the server saw the request', true));
  if (listener.config.logging.log_headers !== false && !native) {
    const redacted = redactedNames(listener.config.logging);
    const sent = event.anomalies.includes('headers_cut')
      ? withoutCut(request.headers, event.request.raw_headers)
      : request.headers;
    const fields = fieldDifference(sent, event.request.raw_headers, redacted);
    if (fields) broken.push(differs(event, 'request.raw_headers', fields.expected, fields.seen));
    const trailers = fieldDifference(request.trailers, event.request.trailers, redacted);
    if (trailers && request.complete)
      broken.push(differs(event, 'request.trailers', trailers.expected, trailers.seen));
  }
  const messages = request.grpc_messages;
  if (request.complete && messages !== null && event.grpc_request_messages !== messages) {
    broken.push(differs(event, 'grpc_request_messages', String(messages), event.grpc_request_messages));
  }
  return broken;
}

/** What an event says of its own request twice. */
function own(event: EventRecord): Mismatch[] {
  const broken: Mismatch[] = [];
  const { path, method, authority, stream_id, raw_headers, headers, grpc_service, grpc_method } =
    event.request;
  const query = /[?&]tid=([^&#]*)/.exec(path ?? '')?.[1] ?? null;
  if (query !== null && event.tid !== query) broken.push(differs(event, 'tid', query, event.tid));
  if (query === null && event.tid !== null && !raw_headers.some(([, value]) => value === event.tid)) {
    broken.push(differs(event, 'tid', 'null: the request names none', event.tid));
  }
  const last = Object.fromEntries(raw_headers);
  for (const [name, value] of Object.entries(last)) {
    if (headers[name] !== value)
      broken.push(differs(event, `request.headers.${name}`, show(value), headers[name]));
  }
  for (const name of Object.keys(headers)) {
    if (!(name in last))
      broken.push(differs(event, `request.headers.${name}`, 'a name in raw_headers', headers[name]));
  }
  const pseudo = { ':method': method, ':path': path, ':authority': authority };
  for (const [name, value] of Object.entries(pseudo)) {
    // Of a pseudo-header that came twice, which RFC 9113 8.3 forbids, the first is the request's.
    const first = raw_headers.find(([key]) => key === name)?.[1];
    if (first !== undefined && first !== value)
      broken.push(differs(event, `request ${name}`, show(first), value));
  }
  const streams = event.protocol === 'http2' || event.protocol === 'grpc';
  if (streams !== (stream_id !== null))
    broken.push(differs(event, 'request.stream_id', streams ? 'a number' : 'null', stream_id));
  const [, service = null, rpc = null] =
    event.protocol === 'grpc' ? (/^\/([^/]+)\/([^?]*)/.exec(path ?? '') ?? []) : [];
  if (grpc_service !== service)
    broken.push(differs(event, 'request.grpc_service', show(service), grpc_service));
  if (grpc_method !== rpc) broken.push(differs(event, 'request.grpc_method', show(rpc), grpc_method));
  const lower = new Map(raw_headers.map(([name, value]) => [name.toLowerCase(), value]));
  const length = lower.get('content-length');
  // A list of one value is that value (RFC 9110 8.6).
  const one = /^(\d+)(?:[ \t]*,[ \t]*\1)*$/.exec(length ?? '')?.[1];
  const expected = one === undefined ? null : Number(one);
  // Two lengths, or a length and chunks, are no length.
  const doubtful = event.anomalies.some((word) =>
    /content_length|cl_and_te|header|folded|obs_fold|cut/.test(word),
  );
  if (
    event.request.content_length !== expected &&
    !(doubtful && event.request.content_length === null) &&
    raw_headers.length > 0
  ) {
    broken.push(differs(event, 'request.content_length', show(expected), event.request.content_length));
  }
  const trace = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(lower.get('traceparent') ?? '')?.[1] ?? null;
  if (event.trace_id !== trace && event.trace_id !== null)
    broken.push(differs(event, 'trace_id', show(trace), event.trace_id));
  const grpc = (lower.get('content-type') ?? '').startsWith('application/grpc');
  if (raw_headers.length > 0 && grpc !== (event.protocol === 'grpc')) {
    broken.push(differs(event, 'protocol', grpc ? 'grpc' : 'http1 or http2', event.protocol));
  }
  return broken;
}

/** Of a list that the record says it cut, the fields up to as many as it kept: what it kept is what came first. */
function withoutCut(sent: [string, string][], kept: [string, string][]): [string, string][] {
  const regular = (fields: [string, string][]) => fields.filter(([name]) => !name.startsWith(':'));
  return regular(sent).slice(0, regular(kept).length);
}
