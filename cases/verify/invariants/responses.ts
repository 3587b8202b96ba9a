import type { ExchangeResult } from '../../../protos/control/fault-client.ts';
import type { EventRecord } from '../../../protos/records/records.ts';
import { deepEqual, show } from '../../json.ts';
import { type CaseView, type ConnectionView, differs, type Invariant } from '../case-view.ts';
import { everyExchangeIsRecorded, exchangePairs, requestedEvents } from '../exchanges.ts';
import { fieldDifference, redactedNames } from '../fields.ts';
import type { Mismatch } from '../match.ts';

/** So many interim answers the record of one exchange names. */
const interimKept = 32;

export const responses: Invariant = {
  name: 'responses',
  witness: "the client's own account of each exchange, where one connection carried them one after the other",
  check: (view) =>
    view.connections.flatMap((connection) => {
      const broken: Mismatch[] = [];
      const { client, exchanges, connId } = connection;
      const events = requestedEvents(connection);
      const answered = exchanges?.filter(({ status }) => status !== null).length ?? 0;
      const recorded = everyExchangeIsRecorded(view.evidence);
      // A preface of HTTP/2 is no request, though a server of HTTP/1.1 answers it.
      const asks = !client?.spec.fault?.id.endsWith('-preface');
      if (recorded && asks && answered > events.length) {
        broken.push({
          path: `${connId}: events`,
          expected: `${answered}, as the client got answers`,
          seen: events.length,
        });
      }
      if (
        recorded &&
        client?.result?.outcome === 'ok' &&
        exchanges &&
        client.spec.fault === undefined &&
        // A retry or a hedge is an exchange its caller never hears of.
        (client.spec.grpc?.params?.service_config === undefined
          ? exchanges.length !== events.length
          : exchanges.length > events.length)
      ) {
        broken.push({
          path: `${connId}: events`,
          expected: `${exchanges.length}, one per exchange`,
          seen: events.length,
        });
      }
      broken.push(...connection.events.flatMap((event) => own(event, view)));
      broken.push(...onlyAnswer(connection));
      for (const { event, exchange } of exchangePairs(connection)) {
        if (exchange) broken.push(...compare(event, exchange, view));
      }
      return broken;
    }),
};

/** Of a client whose bytes a fault owned: the status of its only answer. */
function onlyAnswer(connection: ConnectionView): Mismatch[] {
  const { client, exchanges } = connection;
  const [event, another] = requestedEvents(connection);
  if (client?.spec.fault === undefined || exchanges?.length !== 1 || !event || another) return [];
  const [{ status }] = exchanges as [ExchangeResult];
  return status === null || event.response.status === status
    ? []
    : [differs(event, 'response.status', String(status), event.response.status)];
}

function compare(event: EventRecord, exchange: ExchangeResult, { evidence }: CaseView): Mismatch[] {
  const broken: Mismatch[] = [];
  const { response } = event;
  if (exchange.status !== null && response.status !== exchange.status) {
    broken.push(differs(event, 'response.status', String(exchange.status), response.status));
  }
  // Node does not show its user whether a close_notify came: to this client a body that only the end delimits looks whole.
  const unseen = event.cause === 'tls_truncated';
  if (exchange.complete && event.error !== null && !event.local_reply && !unseen)
    broken.push(differs(event, 'error', 'null: the client got it whole', event.error));
  const logging = evidence.listener.config.logging;
  if (exchange.status !== null && logging.log_headers !== false) {
    const redacted = redactedNames(logging);
    const fields = fieldDifference(exchange.headers, response.raw_headers, redacted);
    if (fields) broken.push(differs(event, 'response.raw_headers', fields.expected, fields.seen));
    const trailers = fieldDifference(exchange.trailers, response.trailers, redacted);
    if (trailers && exchange.complete && !event.anomalies.includes('headers_cut'))
      broken.push(differs(event, 'response.trailers', trailers.expected, trailers.seen));
  }
  const announced = exchange.headers.filter(([name]) => name.toLowerCase() === 'content-length');
  const [length] = announced;
  const readable = announced.length === 1 && /^\d{1,15}$/.test(length![1]);
  if (readable && response.content_length !== Number(length![1]))
    broken.push(differs(event, 'response.content_length', length![1], response.content_length));
  // Of a flood a record keeps the first.
  const interim = exchange.informational.slice(0, interimKept);
  if (exchange.complete && !deepEqual(interim, event.informational)) {
    broken.push(differs(event, 'informational', show(interim), event.informational));
  }
  // A client library makes up a status where the wire has none, and another one where the messages do not fit it.
  const wired = [...exchange.headers, ...exchange.trailers].find(
    ([name]) => name.toLowerCase() === 'grpc-status',
  )?.[1];
  if (exchange.complete && (wired !== undefined || event.grpc_status !== null)) {
    const status = wired === undefined ? exchange.grpc_status : Number(wired);
    if (status && event.grpc_status !== status)
      broken.push(differs(event, 'grpc_status', show(status), event.grpc_status));
    const message = status === exchange.grpc_status ? exchange.grpc_message : null;
    if (message && event.grpc_message !== message)
      broken.push(differs(event, 'grpc_message', show(message), event.grpc_message));
  }
  if (
    exchange.grpc_messages !== null &&
    exchange.complete &&
    event.grpc_response_messages !== exchange.grpc_messages
  ) {
    broken.push(
      differs(event, 'grpc_response_messages', String(exchange.grpc_messages), event.grpc_response_messages),
    );
  }
  if (
    exchange.trailers_only !== null &&
    event.protocol === 'grpc' &&
    event.trailers_only !== exchange.trailers_only
  ) {
    broken.push(differs(event, 'trailers_only', String(exchange.trailers_only), event.trailers_only));
  }
  if (
    exchange.rst_code !== null &&
    exchange.rst_code !== 0 &&
    event.error_code !== null &&
    event.error_code !== exchange.rst_code
  ) {
    broken.push(differs(event, 'error_code', String(exchange.rst_code), event.error_code));
  }
  return broken;
}

/** What an event says of its own response twice. */
function own(event: EventRecord, { evidence }: CaseView): Mismatch[] {
  const broken: Mismatch[] = [];
  const { response } = event;
  const fields: Record<string, string> = Object.fromEntries([...response.raw_headers, ...response.trailers]);
  if (!deepEqual(fields, response.headers)) {
    broken.push(
      differs(event, 'response.headers', 'raw_headers and trailers merged', show(response.headers)),
    );
  }
  const status = fields[':status'];
  if (status !== undefined && Number(status) !== response.status) {
    broken.push(differs(event, 'response.status', status, response.status));
  }
  const logged = evidence.listener.config.logging.log_headers !== false;
  if (logged && status === undefined && event.protocol !== 'http1' && response.status !== null)
    broken.push(differs(event, 'response.status', 'null: no :status came', response.status));
  const lower = new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
  const length = lower.get('content-length');
  const expected = length !== undefined && /^\d+$/.test(length) ? Number(length) : null;
  const lengths = response.raw_headers.filter(([name]) => name.toLowerCase() === 'content-length');
  const one = lengths.length === 1 && /^\d{1,15}$/.test(length ?? '');
  if (
    evidence.listener.config.logging.log_headers !== false &&
    response.content_length !== expected &&
    (event.anomalies.length === 0 || response.content_length !== null || one)
  ) {
    broken.push(differs(event, 'response.content_length', show(expected), response.content_length));
  }
  const grpc = event.protocol === 'grpc';
  const grpcStatus = lower.get('grpc-status');
  if (grpc && response.raw_headers.length > 0 && grpcStatus !== undefined && /^\d+$/.test(grpcStatus)) {
    if (event.grpc_status !== Number(grpcStatus))
      broken.push(differs(event, 'grpc_status', grpcStatus, event.grpc_status));
  }
  if (!grpc) {
    for (const key of [
      'grpc_status',
      'grpc_message',
      'grpc_request_messages',
      'grpc_response_messages',
      'grpc_timeout_ms',
      'trailers_only',
    ] as const) {
      if (event[key] !== null) broken.push(differs(event, key, 'null: not gRPC', event[key]));
    }
  }
  return broken;
}
