import { createHash } from 'node:crypto';
import type { EventRecord } from '../../../protos/records/records.ts';
import { type CaseView, type ConnectionView, differs, type Invariant } from '../case-view.ts';
import { exchangePairs } from '../exchanges.ts';
import type { Mismatch } from '../match.ts';

export const bodies: Invariant = {
  name: 'bodies',
  witness: 'length and SHA-256 of the bodies both ends sent and received',
  check: (view) =>
    view.connections.flatMap((connection) => [...exchanges(connection, view), ...totals(connection)]),
};

function exchanges(connection: ConnectionView, { evidence }: CaseView): Mismatch[] {
  const { logging } = evidence.listener.config;
  const captured = logging.log_body === true;
  return exchangePairs(connection).flatMap(({ event, request, exchange }) => {
    const broken: Mismatch[] = [];
    // What a gRPC library counts as a body is the message, not the frames around it.
    const framed = event.protocol === 'grpc';
    if (request?.complete && !framed) {
      broken.push(...size(event, 'bytes_in', request.body_bytes));
      if (captured) broken.push(...content(event, 'request', request.body_bytes, request.body_sha256));
    }
    // After 101 the bytes are another protocol's (RFC 9110 15.2.2).
    if (exchange?.complete && !framed && event.response.status !== 101) {
      broken.push(...size(event, 'bytes_out', exchange.body_bytes));
      if (captured) broken.push(...content(event, 'response', exchange.body_bytes, exchange.body_sha256));
    }
    if (event.cause === 'truncated' && exchange && captured && !framed && !event.response.body_truncated)
      broken.push(...content(event, 'response', exchange.body_bytes, exchange.body_sha256));
    broken.push(...requestHead(event));
    for (const side of ['request', 'response'] as const) {
      if (!captured && event[side].body_b64 !== null) {
        broken.push(differs(event, `${side}.body_b64`, 'null: bodies are not logged', event[side].body_b64));
      }
      const bytes = Buffer.from(event[side].body_b64 ?? '', 'base64');
      const counted = side === 'request' ? event.bytes_in : event.bytes_out;
      if (
        event[side].body_b64 !== null &&
        (bytes.length === 0 || bytes.toString('base64') !== event[side].body_b64)
      ) {
        broken.push(
          differs(event, `${side}.body_b64`, 'base64 of at least one byte, or null', event[side].body_b64),
        );
      }
      if (bytes.length > counted)
        broken.push(differs(event, `${side}.body_b64`, `at most ${counted} bytes`, bytes.length));
      if (framed && captured && !event[side].body_truncated) broken.push(...messages(event, side, bytes));
    }
    return broken;
  });
}

/**
 * A request of HTTP/1.1 without anything odd is as long as its lines and its body (RFC 9112 2.1). One that the proxy answered
 * itself may not have come whole.
 */
function requestHead(event: EventRecord): Mismatch[] {
  const { method, path, raw_headers, body_b64, content_length } = event.request;
  const body = content_length ?? 0;
  const whole =
    event.error === null || (event.local_reply && Buffer.from(body_b64 ?? '', 'base64').length === body);
  const plain = event.protocol === 'http1' && whole && event.anomalies.length === 0;
  const known = ![path, ...raw_headers.map(([, value]) => value)].some((text) => text?.includes('***'));
  const chunked = raw_headers.some(([name]) => /^(transfer-encoding|upgrade)$/i.test(name));
  if (!plain || !known || chunked || raw_headers.length === 0) return [];
  const lines = [`${method} ${path} HTTP/1.1`, ...raw_headers.map(([name, value]) => `${name}: ${value}`)];
  const expected = lines.reduce((sum, line) => sum + Buffer.byteLength(line, 'latin1') + 2, 2 + body);
  return event.bytes_in === expected ? [] : [differs(event, 'bytes_in', String(expected), event.bytes_in)];
}

/** HTTP/2 counts DATA payload; HTTP/1.1 counts the head too. */
function size(event: EventRecord, key: 'bytes_in' | 'bytes_out', bodyBytes: number): Mismatch[] {
  const exact = event.protocol !== 'http1';
  const seen = event[key];
  if (exact ? seen === bodyBytes : seen > bodyBytes) return [];
  return [differs(event, key, exact ? String(bodyBytes) : `> ${bodyBytes}`, seen)];
}

function content(
  event: EventRecord,
  side: 'request' | 'response',
  length: number,
  sha256: string,
): Mismatch[] {
  const { body_b64, body_truncated } = event[side];
  const bytes = Buffer.from(body_b64 ?? '', 'base64');
  if (body_truncated) {
    return bytes.length < length
      ? []
      : [differs(event, `${side}.body_truncated`, 'false: the body is whole', true)];
  }
  const seen = createHash('sha256').update(bytes).digest('hex');
  return seen === sha256
    ? []
    : [
        differs(
          event,
          `${side}.body_b64`,
          `${length} bytes, SHA-256 ${sha256}`,
          `${bytes.length} bytes, ${seen}`,
        ),
      ];
}

/** The length-prefixed messages in a captured gRPC body are the ones counted (gRPC over HTTP/2, Length-Prefixed-Message). */
function messages(event: EventRecord, side: 'request' | 'response', bytes: Buffer): Mismatch[] {
  const counted = side === 'request' ? event.grpc_request_messages : event.grpc_response_messages;
  let found = 0;
  for (let at = 0; at + 5 <= bytes.length; found++) {
    at += 5 + bytes.readUInt32BE(at + 1);
    if (at > bytes.length) break;
  }
  // Of an exchange that was cut the last message may be only begun.
  const broken =
    counted !== null && (event.error === null ? counted !== found : counted > found || counted < found - 1);
  return broken ? [differs(event, `grpc_${side}_messages`, `${found}, as body_b64 holds`, counted)] : [];
}

/** The connection carried at least what its exchanges carried. */
function totals({ close, open, events }: ConnectionView): Mismatch[] {
  const broken: Mismatch[] = [];
  for (const key of ['bytes_in', 'bytes_out'] as const) {
    if (open && open[key] !== null) broken.push(differs(open, key, 'null before the close', open[key]));
    if (!close) continue;
    const least = events
      .filter(({ local_reply }) => !local_reply)
      .reduce((sum, event) => sum + event[key], 0);
    const seen = close[key];
    if (seen === null || seen < least)
      broken.push(differs(close, key, `>= ${least}, the sum of its events`, seen));
  }
  return broken;
}
