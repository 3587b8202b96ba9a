import { type ConnectionView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';

/** Rounding of a duration to whole milliseconds and the step between two readings of a clock. */
const slackMs = 3;
/** The clock of accept may be read before the client hears of its connection. */
const windowSlackMs = 250;

export const timing: Invariant = {
  name: 'timing',
  witness: "the suite's own clock around the case, on the same machine; durations by the records' own times",
  check: ({ connections, evidence }) =>
    connections.flatMap((connection) => ofConnection(connection, evidence.window)),
};

function ofConnection(
  { records, open, close, conns, events }: ConnectionView,
  window: { startMs: number; endMs: number },
): Mismatch[] {
  const broken: Mismatch[] = [];
  const inside = (ts: number) =>
    ts * 1000 >= window.startMs - windowSlackMs && ts * 1000 <= window.endMs + windowSlackMs;
  for (const record of records) {
    for (const [key, ts] of record.kind === 'event'
      ? ([
          ['ts_start', record.ts_start],
          ['ts_end', record.ts_end],
        ] as const)
      : ([['ts', record.ts]] as const)) {
      if (!inside(ts))
        broken.push(differs(record, key, `within ${window.startMs} to ${window.endMs} ms`, ts));
    }
    if (
      record.kind !== 'conn' &&
      record.kind !== 'h2ctl' &&
      (record.duration_ms ?? 0) > window.endMs - window.startMs + windowSlackMs
    ) {
      broken.push(differs(record, 'duration_ms', `<= ${window.endMs - window.startMs}`, record.duration_ms));
    }
  }
  for (const event of events) {
    const lasted = (event.ts_end - event.ts_start) * 1000;
    if (Math.abs(lasted - event.duration_ms) > slackMs) {
      broken.push(
        differs(event, 'duration_ms', `ts_end - ts_start = ${lasted.toFixed(1)}`, event.duration_ms),
      );
    }
    if (open && event.ts_start < open.ts - slackMs / 1000) {
      broken.push(differs(event, 'ts_start', `after open at ${open.ts}`, event.ts_start));
    }
  }
  for (const record of conns) {
    if (record.event !== 'close' && record.duration_ms !== null) {
      broken.push(differs(record, 'duration_ms', 'null before the close', record.duration_ms));
    }
  }
  if (close && !open && (close.duration_ms ?? 0) > window.endMs - window.startMs + windowSlackMs)
    broken.push(differs(close, 'duration_ms', `<= ${window.endMs - window.startMs}`, close.duration_ms));
  if (open && close) {
    const lasted = (close.ts - open.ts) * 1000;
    if (close.duration_ms === null || Math.abs(lasted - close.duration_ms) > slackMs) {
      broken.push(differs(close, 'duration_ms', `close - open = ${lasted.toFixed(1)}`, close.duration_ms));
    }
  }
  return broken;
}
