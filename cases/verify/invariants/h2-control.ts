import type { EventRecord, H2ctlRecord } from '../../../protos/records/records.ts';
import { show } from '../../json.ts';
import { type CaseView, type ConnectionView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';

/** Frames whose stream is the connection (RFC 9113 6.5, 6.7, 6.8). */
const ofConnectionOnly = [
  'SETTINGS',
  'SETTINGS_ACK',
  'GOAWAY',
  'PING',
  'PING_ACK',
  'FINGERPRINT',
  'AKAMAI_FINGERPRINT',
];
/** Not frames, but what the proxy makes of them. */
const computed = /FINGERPRINT|FLOW_BLOCK|DECODE_ERROR/;
const ofStreamOnly = ['RST_STREAM', 'PRIORITY', 'PUSH_PROMISE'];

export const h2Control: Invariant = {
  name: 'h2-control',
  witness:
    'RFC 9113: a side that was answered has sent SETTINGS first; GOAWAY and RST_STREAM as the client saw them',
  check: (view) => view.connections.flatMap((connection) => ofConnection(connection, view)),
};

/** What came first was no SETTINGS. */
const atStart = ({ offset }: H2ctlRecord['details']) => offset === 0;
const about = (words: string) => (details: H2ctlRecord['details']) => String(details.error).startsWith(words);

function ofConnection(connection: ConnectionView, { evidence, instance }: CaseView): Mismatch[] {
  const { h2ctl, events, close, connId } = connection;
  const broken: Mismatch[] = [];
  const recorded = evidence.listener.config.logging.h2_control_events === true;
  const http2 =
    close?.protocol === 'h2' || events.some(({ protocol }) => protocol === 'http2' || protocol === 'grpc');
  if (!recorded || !http2) {
    return h2ctl.map((record) =>
      differs(record, 'kind', recorded ? 'no frame outside HTTP/2' : 'not recorded: switched off', 'h2ctl'),
    );
  }
  const answered = events.some(({ response, local_reply }) => response.status !== null && !local_reply);
  const of = (direction: H2ctlRecord['direction'], word: string) =>
    h2ctl.filter((record) => record.direction === direction && record.h2_event === word);
  /** Breaches of a side that are about that; what they tell of keeps to none of the rules below. */
  const told = (direction: H2ctlRecord['direction'], about: (details: H2ctlRecord['details']) => boolean) =>
    h2ctl.filter(
      (record) =>
        record.h2_event === 'DECODE_ERROR' && record.direction === direction && about(record.details),
    ).length;
  for (const direction of ['downstream', 'upstream'] as const) {
    const other = direction === 'downstream' ? 'upstream' : 'downstream';
    if (answered && of(direction, 'SETTINGS').length === 0 && told(direction, atStart) === 0) {
      broken.push({
        path: `${connId}: h2ctl`,
        expected: `SETTINGS from ${direction} (RFC 9113 3.4)`,
        seen: 'none',
      });
    }
    const unasked = told(direction, about('SETTINGS ACK'));
    if (of(direction, 'SETTINGS_ACK').length > of(other, 'SETTINGS').length + unasked) {
      broken.push({
        path: `${connId}: h2ctl SETTINGS_ACK from ${direction}`,
        expected: `at most ${of(other, 'SETTINGS').length}`,
        seen: of(direction, 'SETTINGS_ACK').length,
      });
    }
    const first = h2ctl.find((record) => record.direction === direction && !computed.test(record.h2_event));
    if (answered && first && first.h2_event !== 'SETTINGS' && told(direction, atStart) === 0)
      broken.push(differs(first, 'h2_event', 'SETTINGS first', first.h2_event));
  }
  const byStream = new Map(events.map((event) => [event.request.stream_id, event]));
  // Once for the connection, not for each of a flood's ten thousand rows.
  const resetsIdle = {
    downstream: told('downstream', about('RST_STREAM')) > 0,
    upstream: told('upstream', about('RST_STREAM')) > 0,
  };
  for (const record of h2ctl) broken.push(...stream(record, byStream, resetsIdle[record.direction]));
  if (connection.client && !connection.client.spec.fault && plainUpstream(instance) && close?.term === '--')
    broken.push(...plainGoaway(connection));
  broken.push(...goaway(connection));
  broken.push(...resets(connection));
  broken.push(...breaches(connection));
  return broken;
}

/** An exchange that RST_STREAM ended has the frame on record. */
function resets({ h2ctl, events }: ConnectionView): Mismatch[] {
  const reset = new Set(
    h2ctl.filter(({ h2_event }) => h2_event === 'RST_STREAM').map(({ stream_id }) => stream_id),
  );
  return events
    .filter(({ cause, request }) => /^h2_rst:/.test(cause ?? '') && !reset.has(request.stream_id))
    .map((event) => differs(event, 'cause', 'one of which an RST_STREAM row tells', event.cause));
}

/** Breaches lie in the bytes of their side, one behind the other; the one that ended the connection is told in its close record. */
function breaches({ h2ctl, close, connId }: ConnectionView): Mismatch[] {
  const broken: Mismatch[] = [];
  const rows = h2ctl.filter(({ h2_event }) => h2_event === 'DECODE_ERROR');
  for (const direction of ['downstream', 'upstream'] as const) {
    const most = direction === 'downstream' ? close?.bytes_in : close?.bytes_out;
    let last = 0;
    for (const row of rows.filter((one) => one.direction === direction)) {
      const { offset, error } = row.details;
      if (typeof offset !== 'number' || offset < last || offset > (most ?? 0))
        broken.push(differs(row, 'details.offset', `from ${last} to ${most}`, offset));
      if (typeof error !== 'string')
        broken.push(differs(row, 'details.error', 'the evidence in words', error));
      if (typeof offset === 'number') last = offset;
    }
  }
  const [, code] = /^h2_protocol_error:(\w+)$/.exec(close?.cause ?? '') ?? [];
  const named = rows.some(
    ({ details }) => details.error_code_name === code && close?.error?.includes(String(details.error)),
  );
  // The preface on a connection that agreed on HTTP/1.1 is a breach of no frame.
  if (close && code !== undefined && code !== 'HTTP_1_1_REQUIRED' && rows.length > 0 && !named) {
    broken.push({
      path: `${connId}: h2ctl DECODE_ERROR`,
      expected: `${code}, in the words of the close record: ${close.error}`,
      seen: rows.map(({ details }) => details),
    });
  }
  return broken;
}

function stream(
  record: H2ctlRecord,
  byStream: Map<number | null, EventRecord>,
  /** A reset of a stream that was never opened (RFC 9113 5.1). */
  ofIdle: boolean,
): Mismatch[] {
  const broken: Mismatch[] = [];
  const { h2_event, stream_id } = record;
  if (ofConnectionOnly.includes(h2_event) && stream_id !== null)
    broken.push(differs(record, 'stream_id', 'null', stream_id));
  if (ofStreamOnly.includes(h2_event) && stream_id === null)
    broken.push(differs(record, 'stream_id', 'a number', stream_id));
  if (h2_event === 'RST_STREAM' && stream_id !== null && byStream.size > 0) {
    const event = byStream.get(stream_id);
    if (!event && !ofIdle) broken.push(differs(record, 'stream_id', 'the stream of an event', stream_id));
    const code = record.details.error_code;
    if (event?.error_code != null && event.error_code !== code && code !== 0) {
      broken.push(
        differs(
          record,
          'details.error_code',
          `${event.error_code}, as the event of stream ${stream_id}`,
          code,
        ),
      );
    }
  }
  return broken;
}

function plainUpstream({ upstream }: CaseView['instance']): boolean {
  return typeof upstream === 'object' && upstream.kind !== 'raw' && !upstream.fault;
}

/** RFC 9113 6.8: the last stream is the peer's; a server that was answered has begun none, and nobody explains a plain end. */
function plainGoaway({ h2ctl, events }: ConnectionView): Mismatch[] {
  const last = Math.max(0, ...events.map(({ request }) => request.stream_id ?? 0));
  return h2ctl
    .filter(({ h2_event }) => h2_event === 'GOAWAY')
    .flatMap((record) => {
      const { last_stream_id: seen, debug_data_b64: debug } = record.details;
      const allowed = record.direction === 'downstream' ? [0] : [last, 2 ** 31 - 1];
      const broken = allowed.includes(seen as number)
        ? []
        : [differs(record, 'details.last_stream_id', allowed.join(' or '), seen)];
      if (debug !== null) broken.push(differs(record, 'details.debug_data_b64', 'null', debug));
      if (record.details.error_code !== 0)
        broken.push(differs(record, 'details.error_code', '0: a normal end', record.details.error_code));
      return broken;
    });
}

function goaway(connection: ConnectionView): Mismatch[] {
  const { h2ctl, client, connId, close, events } = connection;
  const broken = goawayAtServer(connection);
  const seen = client?.sockets.length === 1 ? client.result?.close.goaway : null;
  if (!seen || close?.upstream_end == null || events.some(({ local_reply }) => local_reply)) return broken;
  const relayed = h2ctl.filter((record) => record.h2_event === 'GOAWAY' && record.direction === 'upstream');
  const same = relayed.some(
    ({ details }) =>
      details.error_code === seen.code &&
      details.last_stream_id === seen.last_stream_id &&
      debugOf(details) === seen.debug,
  );
  if (!same) {
    broken.push({
      path: `${connId}: h2ctl GOAWAY from upstream`,
      expected: `code ${seen.code}, last stream ${seen.last_stream_id}, ${show(seen.debug)}`,
      seen: relayed.map(({ details }) => details),
    });
  }
  return broken;
}

/** What the client said is what reached the server. */
function goawayAtServer({ h2ctl, seen, connId }: ConnectionView): Mismatch[] {
  const said = seen.peer.filter((observation) => observation.said === 'goaway');
  const rows = h2ctl.filter((record) => record.h2_event === 'GOAWAY' && record.direction === 'downstream');
  const isSame = (row: H2ctlRecord, { code, debug }: (typeof said)[number]) =>
    row.details.error_code === code && debugOf(row.details).slice(0, 200) === (debug ?? '');
  const lost = said.filter((one) => !rows.some((row) => isSame(row, one)));
  const broken: Mismatch[] = lost.map(({ code, debug }) => ({
    path: `${connId}: h2ctl GOAWAY from downstream`,
    expected: `code ${code}, ${show(debug)}`,
    seen: rows.map(({ details }) => details),
  }));
  // A server that ended first may not have read what came after; of one code it tells the first.
  if (seen.close[0]?.by !== 'peer' || said.length === 0) return broken;
  return broken.concat(
    rows
      .filter((row) => !said.some(({ code }) => code === row.details.error_code))
      .map((row) => differs(row, 'details', 'a GOAWAY that the server saw', row.details)),
  );
}

/** Byte for byte, as characters. */
function debugOf({ debug_data_b64 }: H2ctlRecord['details']): string {
  return Buffer.from(String(debug_data_b64 ?? ''), 'base64').toString('latin1');
}
