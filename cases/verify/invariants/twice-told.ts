import type { ConnRecord, EventRecord, TlsRecord } from '../../../protos/records/records.ts';
import { show } from '../../json.ts';
import { type CaseView, type ConnectionView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';

/** A record that says one thing in two fields says the same in both. */
export const twiceTold: Invariant = {
  name: 'twice-told',
  witness:
    'fields of one record that follow from others: gRPC words from the fields, counts from captured bodies',
  check: (view) =>
    view.connections.flatMap((connection) => [
      ...connection.events.flatMap((event) => [
        ...grpcWords(event),
        ...counted(event),
        ...captured(event, view),
        ...told(event),
        ...code(event),
      ]),
      ...pushed(connection),
      ...unreached(connection),
      ...[connection.tlsIn, connection.tlsOut].flatMap((records) =>
        records.flatMap((record, index) => handshake(record, records.slice(0, index))),
      ),
      ...(connection.close && !connection.open ? refused(connection.close) : []),
    ]),
};

/** Messages can be counted wherever they are length-prefixed; grpc-web frames its trailers as one and may be base64. */
function counted(event: EventRecord): Mismatch[] {
  if (event.protocol !== 'grpc') return [];
  const web = (side: 'request' | 'response') =>
    event[side].raw_headers.some(
      ([name, value]) => name.toLowerCase() === 'content-type' && value.startsWith('application/grpc-web'),
    );
  return (['request', 'response'] as const).flatMap((side) => {
    const count = event[`grpc_${side}_messages`];
    return count === null && !web(side) && !web('request')
      ? [differs(event, `grpc_${side}_messages`, 'a number: no grpc-web', count)]
      : [];
  });
}

/** PROTOCOL-HTTP2 of gRPC: Status-Message is percent-encoded; Trailers-Only is one HEADERS frame with the status. */
function grpcWords(event: EventRecord): Mismatch[] {
  if (event.protocol !== 'grpc') return [];
  const broken: Mismatch[] = [];
  const { raw_headers, trailers } = event.response;
  const written = [...raw_headers, ...trailers].find(([name]) => name.toLowerCase() === 'grpc-message')?.[1];
  const message = written === undefined ? null : decoded(written);
  const logged = raw_headers.length > 0 || event.response.status === null;
  if (logged && written !== '***' && event.grpc_message !== message)
    broken.push(differs(event, 'grpc_message', show(message), event.grpc_message));
  const only = trailers.length === 0 && raw_headers.some(([name]) => name.toLowerCase() === 'grpc-status');
  if (logged && event.trailers_only !== only)
    broken.push(differs(event, 'trailers_only', String(only), event.trailers_only));
  return broken;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** HTTP/2 counts DATA payload, so a body that was captured whole has as many bytes as were counted. */
function captured(event: EventRecord, { evidence }: CaseView): Mismatch[] {
  const framed = event.protocol === 'http2' || event.protocol === 'grpc';
  if (!framed || evidence.listener.config.logging.log_body !== true) return [];
  return (['request', 'response'] as const).flatMap((side) => {
    const { body_b64, body_truncated } = event[side];
    const key = side === 'request' ? 'bytes_in' : 'bytes_out';
    const length = Buffer.from(body_b64 ?? '', 'base64').length;
    return body_truncated || event[key] === length
      ? []
      : [differs(event, key, `${length}, as body_b64 holds`, event[key])];
  });
}

/** Where no upstream was reached every answer is the proxy's own. */
function unreached({ close, events }: ConnectionView): Mismatch[] {
  if (close?.close_reason !== 'upstream_connect_fail') return [];
  return events
    .filter(({ local_reply }) => !local_reply)
    .map((event) => differs(event, 'local_reply', 'true: no upstream was reached', false));
}

/** A cause that carries the name of a code carries that of the event. */
function code(event: EventRecord): Mismatch[] {
  const [, name] = /^h2_(?:rst|goaway):(.+)$/.exec(event.cause ?? '') ?? [];
  return name === undefined || event.error_code_name === name
    ? []
    : [differs(event, 'error_code_name', name, event.error_code_name)];
}

/** 1.50 flags every failed HTTP/2 exchange; of HTTP/1.1 it flags only a timeout. */
function told(event: EventRecord): Mismatch[] {
  const flagged = event.flags.includes('error') || event.flags.includes('timeout');
  return event.error === null || event.protocol === 'http1' || flagged
    ? []
    : [differs(event, 'flags', 'error or timeout, as there is an error', event.flags)];
}

/** Streams a server began have even numbers (RFC 9113 5.1.1), and it promised each of them (8.4). */
function pushed({ events, h2ctl }: ConnectionView): Mismatch[] {
  const promises = h2ctl.filter(
    ({ h2_event, direction }) => h2_event === 'PUSH_PROMISE' && direction === 'upstream',
  );
  const promised = promises.map(({ details }) => details.promised_stream_id);
  return [
    ...promises
      .filter(
        ({ details }) => !events.some(({ request }) => request.stream_id === details.promised_stream_id),
      )
      .map((record) =>
        differs(
          record,
          'details.promised_stream_id',
          'a stream of an event',
          record.details.promised_stream_id,
        ),
      ),
    ...events.flatMap((event) => {
      // A client that opens an even stream breaks the rule; its event says so.
      const even =
        event.request.stream_id !== null &&
        event.request.stream_id % 2 === 0 &&
        !event.anomalies.includes('even_stream_id');
      if (even && h2ctl.length > 0 && !promised.includes(event.request.stream_id))
        return [differs(event, 'request.stream_id', 'odd: the client began it', event.request.stream_id)];
      return even === event.flags.includes('push')
        ? []
        : [differs(event, 'flags', `push: ${even}`, event.flags)];
    }),
  ];
}

/** Categories of 1.50 whose word is not the end of the cause; `verify_failed` may also be a wrong signature. */
const otherCategories: Record<string, string[]> = {
  eku: ['wrong_eku'],
  bad_signature: ['signature_failure'],
  failed: ['cert_verify_failed', 'signature_failure'],
  rejected: ['cert_verify_failed', 'hostname'],
};

/** Causes that are a verdict on a certificate end in the category; no other cause has one. */
function handshake(record: TlsRecord, earlier: TlsRecord[]): Mismatch[] {
  const broken: Mismatch[] = [];
  const verdict = /^(?:cert|verify)_(\w+)$/.exec(record.cause ?? '')?.[1] ?? null;
  const categories: (string | null)[] = verdict === null ? [null] : (otherCategories[verdict] ?? [verdict]);
  if (!categories.includes(record.category))
    broken.push(differs(record, 'category', categories.map(show).join(' or '), record.category));
  const late = record.outcome === 'fail' && earlier.some(({ outcome }) => outcome === 'ok');
  if (record.late !== late)
    broken.push(differs(record, 'late', late ? 'true: this side was ok before' : 'false', record.late));
  return broken;
}

/** A connection that was refused before it was opened: a header is recorded only where one was read. */
function refused(close: ConnRecord): Mismatch[] {
  const broken: Mismatch[] = [];
  if (close.duration_ms === null) broken.push(differs(close, 'duration_ms', 'a number', null));
  if (close.protocol !== null) broken.push(differs(close, 'protocol', 'null: never opened', close.protocol));
  if (close.proxy_version === 'v1' || close.proxy_version === 'v2') return broken;
  for (const key of ['proxy_src', 'proxy_dst', 'proxy_command'] as const)
    if (close[key] !== null) broken.push(differs(close, key, 'null: no header was understood', close[key]));
  if (close.proxy_tlvs.length > 0)
    broken.push(differs(close, 'proxy_tlvs', 'none: no header was understood', close.proxy_tlvs));
  const invalid = /^proxy_/.test(close.cause ?? '') ? 'invalid' : null;
  if (close.proxy_version !== invalid)
    broken.push(differs(close, 'proxy_version', show(invalid), close.proxy_version));
  return broken;
}
