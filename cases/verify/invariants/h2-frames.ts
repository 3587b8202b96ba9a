import type { H2ctlRecord } from '../../../protos/records/records.ts';
import { type CaseView, type ConnectionView, differs, type Invariant } from '../case-view.ts';
import { reachedTheServer } from '../exchanges.ts';
import type { Mismatch } from '../match.ts';

/** What each end is known to send: where no fault was asked of it, it is Node's HTTP/2 or grpc-js. */
export const h2Frames: Invariant = {
  name: 'h2-frames',
  witness:
    'the case: an end without a fault sends one SETTINGS and plain GOAWAYs; the streams the server served',
  check: (view) => view.connections.flatMap((connection) => ofConnection(connection, view)),
};

const detailKeys: Record<H2ctlRecord['h2_event'], string> = {
  AKAMAI_FINGERPRINT: 'akamai,akamai_hash',
  FINGERPRINT: 'h2fp,profile',
  FLOW_BLOCK: 'wanted_bytes',
  GOAWAY: 'debug_data_b64,error_code,last_stream_id',
  PING: 'opaque_hex',
  PING_ACK: 'opaque_hex',
  PUSH_PROMISE: 'promised_stream_id',
  RST_STREAM: 'error_code',
  SETTINGS: 'changed',
  SETTINGS_ACK: 'changed',
  WINDOW_UPDATE: 'delta',
  DECODE_ERROR: 'error,error_code_name,offset',
  PRIORITY: '',
};

/** Oddities of a stream that RFC 9113 calls an error of it or of the connection. */
const breaches = [
  'bad_padding',
  'data_after_end',
  'data_before_headers',
  'even_stream_id',
  'headers_after_end',
  'hpack_error',
  'self_dependency',
  'window_overflow',
  'window_overrun',
  'window_update_zero',
];

function ofConnection(connection: ConnectionView, { instance }: CaseView): Mismatch[] {
  const { h2ctl, client, events, connId, tlsIn } = connection;
  const broken: Mismatch[] = [];
  const { upstream } = instance;
  const plain = {
    downstream: client !== null && client.spec.fault === undefined,
    upstream: typeof upstream !== 'object' || (upstream.kind !== 'raw' && upstream.fault === undefined),
  };
  // Whoever agreed on HTTP/1.1 answers in it, whatever the other side speaks.
  const agreedOnOther = tlsIn.some(({ tls }) => tls.alpn !== null && tls.alpn !== 'h2');
  for (const record of h2ctl) {
    const keys = detailKeys[record.h2_event];
    if (keys !== '' && Object.keys(record.details).sort().join() !== keys)
      broken.push(differs(record, 'details', keys, record.details));
    if (record.h2_event === 'DECODE_ERROR' && plain[record.direction] && !agreedOnOther)
      broken.push(differs(record, 'h2_event', 'none: this end keeps to the protocol', record.details));
    if (record.h2_event === 'GOAWAY') broken.push(...goaway(record, connection, plain[record.direction]));
  }
  for (const event of h2ctl.length > 0 ? events : []) {
    const odd = event.anomalies.find((word) => breaches.includes(word));
    const told = h2ctl.some(
      (record) => record.h2_event === 'DECODE_ERROR' && record.stream_id === event.request.stream_id,
    );
    if (odd !== undefined && !told)
      broken.push(differs(event, 'anomalies', `a DECODE_ERROR row of this stream, for ${odd}`, 'none'));
  }
  const count = (word: string, direction: H2ctlRecord['direction']) =>
    h2ctl.filter((record) => record.h2_event === word && record.direction === direction).length;
  for (const direction of ['downstream', 'upstream'] as const) {
    if (plain[direction] && count('SETTINGS', direction) > 1) {
      broken.push({
        path: `${connId}: h2ctl SETTINGS from ${direction}`,
        expected: '1: this end changes none later',
        seen: count('SETTINGS', direction),
      });
    }
  }
  // nghttp2 queues the acknowledgement before any answer, so it has passed when an answer has.
  const answered = events.some((event) => event.response.status !== null && reachedTheServer(event));
  if (plain.upstream && answered && count('SETTINGS_ACK', 'upstream') < count('SETTINGS', 'downstream')) {
    broken.push({
      path: `${connId}: h2ctl SETTINGS_ACK from upstream`,
      expected: 'one before the first answer',
      seen: count('SETTINGS_ACK', 'upstream'),
    });
  }
  return broken;
}

/** RFC 9113 6.8. */
function goaway(record: H2ctlRecord, { events, seen, client }: ConnectionView, plain: boolean): Mismatch[] {
  const { last_stream_id: last, debug_data_b64: debug, error_code: code } = record.details;
  if (typeof last !== 'number') return [differs(record, 'details.last_stream_id', 'a number', last)];
  const broken: Mismatch[] = [];
  if (plain && code === 0 && debug !== null)
    broken.push(differs(record, 'details.debug_data_b64', 'null: this end explains no plain end', debug));
  const witnessed = client?.sockets.length === 1 ? client.result?.close.goaway : null;
  if (record.direction === 'upstream' && witnessed && witnessed.code === code) {
    const text = Buffer.from(String(debug ?? ''), 'base64').toString();
    if (text !== witnessed.debug)
      broken.push(differs(record, 'details.debug_data_b64', `that of ${witnessed.debug}`, debug));
  }
  if (!plain || last === 2 ** 31 - 1) return broken;
  const own = record.direction === 'downstream' ? 0 : 1;
  const streams = events.flatMap(({ request }) => request.stream_id ?? []).filter((id) => id % 2 === own);
  // A fault can leave a stream half begun, of which there is no event, and begin more after the GOAWAY.
  const faulted = client === null || client.spec.fault !== undefined;
  const most = faulted ? last : Math.max(0, ...streams);
  const served =
    own === 1 && !faulted ? Math.max(0, ...seen.request.map(({ stream_id }) => stream_id ?? 0)) : 0;
  if (last > most || last < served || (last !== 0 && last % 2 !== own))
    broken.push(
      differs(record, 'details.last_stream_id', `${served} to ${most}, a stream of the peer`, last),
    );
  return broken;
}
