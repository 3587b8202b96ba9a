import type { H2ctlRecord } from '../../../protos/records/records.ts';
import { type CaseView, type ConnectionView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';

/** Frames that end a stream or a connection: RST_STREAM (RFC 9113 6.4) and GOAWAY (6.8). */
export const h2Ends: Invariant = {
  name: 'h2-ends',
  witness:
    'RST_STREAM and GOAWAY as the server was told them; the case: a client whose fault is no GOAWAY says a plain goodbye',
  check: ({ connections }: CaseView) =>
    connections.flatMap((connection) => [
      ...connection.h2ctl.flatMap((record) => goaway(record, connection)),
      ...resets(connection),
    ]),
};

function goaway(record: H2ctlRecord, { client }: ConnectionView): Mismatch[] {
  if (record.h2_event !== 'GOAWAY') return [];
  const { last_stream_id: last, error_code: code, debug_data_b64: debug } = record.details;
  const broken: Mismatch[] = [];
  for (const [key, value] of [
    ['last_stream_id', last],
    ['error_code', code],
  ] as const)
    if (!Number.isInteger(value)) broken.push(differs(record, `details.${key}`, 'a whole number', value));
  const encoded =
    typeof debug === 'string' && debug !== '' && Buffer.from(debug, 'base64').toString('base64') === debug;
  if (debug !== null && !encoded)
    broken.push(differs(record, 'details.debug_data_b64', 'base64 of at least one byte, or null', debug));
  const fault = client?.spec.fault?.id;
  if (record.direction === 'downstream' && fault !== undefined && !/goaway/.test(fault)) {
    if (last !== 0 || code !== 0 || debug !== null)
      broken.push(differs(record, 'details', 'a goodbye without code, stream or words', record.details));
  }
  return broken;
}

/** Of one stream each side resets once, and what the server was told is on record. */
function resets({ h2ctl, events, seen, connId }: ConnectionView): Mismatch[] {
  const rows = h2ctl.filter(({ h2_event }) => h2_event === 'RST_STREAM');
  const broken: Mismatch[] = [];
  const key = (direction: string, stream: number | null) => `${direction} ${stream}`;
  const bySide = Map.groupBy(rows, ({ direction, stream_id }) => key(direction, stream_id));
  for (const [, [, again]] of bySide)
    if (again) broken.push(differs(again, 'stream_id', 'a stream this side had not reset', again.stream_id));
  for (const { said, code, name, stream_id } of seen.peer) {
    if (said !== 'rst_stream') continue;
    const row = bySide.get(key('downstream', stream_id))?.[0];
    if (h2ctl.length > 0 && row?.details.error_code !== code)
      broken.push({
        path: `${connId}: h2ctl RST_STREAM from downstream`,
        expected: `${name} of stream ${stream_id}, as the server was told`,
        seen: row?.details ?? 'none',
      });
  }
  for (const event of h2ctl.length > 0 ? events : []) {
    const [, side, code] = /^(upstream|downstream) reset: (\d+)$/.exec(event.error ?? '') ?? [];
    if (side === undefined) continue;
    const row = bySide.get(key(side, event.request.stream_id))?.[0];
    if (row?.details.error_code !== Number(code))
      broken.push(differs(event, 'error', `a reset that a row of ${side} tells`, event.error));
  }
  return broken;
}
