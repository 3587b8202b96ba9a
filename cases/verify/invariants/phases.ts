import type { ConnRecord, EventRecord } from '../../../protos/records/records.ts';
import { type CaseView, type ConnectionView, differs, type Invariant } from '../case-view.ts';
import { everyExchangeIsRecorded } from '../exchanges.ts';
import type { Mismatch } from '../match.ts';

/** What a cause and the second letter of `term` say of how far an exchange had come, against how far it had. */
export const phases: Invariant = {
  name: 'phases',
  witness:
    'the status of each exchange: no body is cut before its head has come, no head is awaited behind it',
  check: ({ connections, evidence }: CaseView) =>
    connections.flatMap((connection) => [
      ...connection.events.flatMap((event) => [...cut(event), ...answeredByProxy(event, connection)]),
      ...(connection.close && everyExchangeIsRecorded(evidence) ? letter(connection.close, connection) : []),
    ]),
};

function cut(event: EventRecord): Mismatch[] {
  const { cause } = event;
  // A reply of Redis has no head; its bytes alone tell that it had begun.
  const begun = event.protocol === 'redis' ? event.bytes_out > 0 : event.response.status !== null;
  if (/^(?:tls_)?truncated$/.test(cause ?? '') && !begun)
    return [differs(event, 'cause', 'none of a cut body: no answer had begun', cause)];
  if (cause === 'eof_before_headers' && begun)
    return [differs(event, 'cause', 'none of a missing answer: one had begun', cause)];
  return [];
}

/** Where the upstream had the request the proxy answers nothing but that it waited too long. */
function answeredByProxy(event: EventRecord, { close }: ConnectionView): Mismatch[] {
  const unreached = close?.close_reason === 'upstream_connect_fail';
  return event.local_reply && !unreached && (event.cause !== 'timeout' || event.response.status === null)
    ? [differs(event, 'local_reply', 'false: the upstream had the request', true)]
    : [];
}

/** `D`: an answer had begun; `H`: a request waited for one; `-`: none did. */
function letter(close: ConnRecord, { events }: ConnectionView): Mismatch[] {
  const phase = close.term?.[1];
  const begun = events.some(({ response, bytes_out }) => response.status !== null || bytes_out > 0);
  const waiting = events.some(
    ({ error, response, local_reply }) => error !== null && (response.status === null || local_reply),
  );
  if (phase === 'D' && !begun)
    return [differs(close, 'term', 'another phase: no answer had begun', close.term)];
  // The answer may still come to a client that has left.
  if (phase === 'H' && events.length > 0 && !waiting && close.closed_by !== 'client')
    return [differs(close, 'term', 'another phase: every request was answered', close.term)];
  return [];
}
