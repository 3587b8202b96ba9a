import type { EventRecord } from '../../../protos/records/records.ts';
import { show } from '../../json.ts';
import { type Asked, askedBy } from '../asked.ts';
import { type CaseView, type ConnectionView, differs, type Invariant } from '../case-view.ts';
import { requestedEvents } from '../exchanges.ts';
import { fieldDifference, redactedNames, redactedPath } from '../fields.ts';
import type { Mismatch } from '../match.ts';

/** Also of a request that never reached a server, which nobody else could tell. */
export const asked: Invariant = {
  name: 'asked',
  witness: "the client's spec: what was asked for, whoever answered it",
  check: (view) => view.connections.flatMap((connection) => ofConnection(connection, view)),
};

function ofConnection(connection: ConnectionView, view: CaseView): Mismatch[] {
  const spec = connection.client?.spec;
  const wanted = spec ? askedBy(spec) : null;
  if (!spec) return [];
  if (!wanted) return requestedEvents(connection).flatMap((event) => unasked(event, spec.fault?.id ?? ''));
  return requestedEvents(connection).flatMap((event) => {
    // A fault can end the connection before a whole head was sent.
    const begun = spec.fault === undefined || event.request.method !== null;
    return begun ? compare(event, wanted, view) : [];
  });
}

/** Of a client whose request is broken: trailers come only from a fault about them, and in HTTP/1.1 only behind chunks (RFC 9112 7.1.2). */
function unasked(event: EventRecord, fault: string): Mismatch[] {
  const { trailers, raw_headers } = event.request;
  const chunked =
    event.protocol !== 'http1' || raw_headers.some(([name]) => name.toLowerCase() === 'transfer-encoding');
  return trailers.length === 0 || (chunked && /trailer|second-headers/.test(fault))
    ? []
    : [differs(event, 'request.trailers', 'none', trailers)];
}

function compare(event: EventRecord, wanted: Asked, { evidence }: CaseView): Mismatch[] {
  const broken: Mismatch[] = [];
  const { logging } = evidence.listener.config;
  const { request } = event;
  for (const [key, expected] of [
    ['method', wanted.method],
    ['path', wanted.path === null ? request.path : redactedPath(wanted.path, logging)],
    [
      'authority',
      wanted.authorities.find((name) => name === request.authority) ?? wanted.authorities.join(' or '),
    ],
  ] as const) {
    if (request[key] !== expected)
      broken.push(differs(event, `request.${key}`, show(expected), request[key]));
  }
  const redacted = redactedNames(logging);
  const logged = logging.log_headers !== false;
  if (logged && wanted.fields) {
    const fields = fieldDifference(wanted.fields, request.raw_headers, redacted, 'asked for them');
    if (fields) broken.push(differs(event, 'request.raw_headers', fields.expected, fields.seen));
  }
  // A request that was cut has no trailers yet.
  const trailers = fieldDifference(wanted.trailers, request.trailers, redacted, 'asked for them');
  if (
    trailers &&
    (logged || request.trailers.length > 0) &&
    (request.trailers.length > 0 || event.error === null)
  )
    broken.push(differs(event, 'request.trailers', trailers.expected, trailers.seen));
  if (wanted.body) broken.push(...body(event, wanted.body));
  return broken;
}

/** What was captured of a body is how it begins; an exchange that ended well has had all of it. */
function body(event: EventRecord, sent: Buffer): Mismatch[] {
  const { body_b64 } = event.request;
  const bytes = Buffer.from(body_b64 ?? '', 'base64');
  return bytes.equals(sent.subarray(0, bytes.length))
    ? []
    : [differs(event, 'request.body_b64', `the beginning of the ${sent.length} bytes asked for`, body_b64)];
}
