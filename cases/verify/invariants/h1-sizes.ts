import { STATUS_CODES } from 'node:http';
import type { EventRecord } from '../../../protos/records/records.ts';
import { askedBy } from '../asked.ts';
import { type CaseView, type ConnectionView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';

/** A message of HTTP/1.1 is its start line, its fields, an empty line and its body (RFC 9112 2.1), as our two ends write them. */
export const h1Sizes: Invariant = {
  name: 'h1-sizes',
  witness: 'RFC 9112 2.1: the length of what was captured of a message, head and body',
  check: (view) =>
    view.connections.flatMap((connection) =>
      connection.events.flatMap((event) => ofEvent(event, connection, view)),
    ),
};

function ofEvent(event: EventRecord, { client }: ConnectionView, view: CaseView): Mismatch[] {
  const { logging } = view.evidence.listener.config;
  const captured = logging.log_headers !== false && logging.log_body === true;
  if (event.protocol !== 'http1' || !captured || event.anomalies.length > 0) return [];
  const { request, response } = event;
  const broken: Mismatch[] = [];
  const upgraded = response.status === 101;
  if (client && askedBy(client.spec) && readable(event, 'request') && event.error === null && !upgraded) {
    const expected = lengthOf(`${request.method} ${request.path} HTTP/1.1`, event, 'request');
    if (event.bytes_in !== expected)
      broken.push(differs(event, 'bytes_in', String(expected), event.bytes_in));
  }
  const { upstream } = view.instance;
  // A fault writes its own reason phrases and white space.
  const plain =
    event.local_reply || (typeof upstream === 'object' && upstream.kind === 'http' && !upstream.fault);
  const phrase = STATUS_CODES[response.status ?? 0];
  const alone = event.informational.length === 0 && !upgraded;
  if (plain && phrase !== undefined && alone && readable(event, 'response')) {
    const expected = lengthOf(`HTTP/1.1 ${response.status} ${phrase}`, event, 'response');
    const holds =
      event.error === null || event.local_reply ? event.bytes_out === expected : event.bytes_out >= expected;
    if (!holds) broken.push(differs(event, 'bytes_out', String(expected), event.bytes_out));
  }
  return broken;
}

/** Neither chunked, nor cut, nor redacted. */
function readable(event: EventRecord, side: 'request' | 'response'): boolean {
  const { raw_headers, body_truncated } = event[side];
  return (
    !body_truncated &&
    !raw_headers.some(([name, value]) => value === '***' || name.toLowerCase() === 'transfer-encoding') &&
    !(side === 'request' && event.request.path?.includes('=***'))
  );
}

function lengthOf(line: string, event: EventRecord, side: 'request' | 'response'): number {
  const { raw_headers, body_b64 } = event[side];
  const head = [line, ...raw_headers.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
  return Buffer.byteLength(head, 'latin1') + Buffer.from(body_b64 ?? '', 'base64').length;
}
