import type { ReadRecord } from '../../query/reading/record-reader.ts';
import { numberOf, type Source, sourceOf, textOf, textsOf } from './values.ts';
import { closeCauseOf150 } from './version-150.ts';

/** The last record of a connection. */
export type Close = Source & {
  ts: number | null;
  closedBy: string | null;
  reason: string | null;
  cause: string | null;
  term: string | null;
  error: string | null;
  protocol: string | null;
  bytesIn: number | null;
  bytesOut: number | null;
  durationMs: number | null;
  clientEnd: string | null;
  upstreamEnd: string | null;
  flags: string[];
  /** The proxy reached the upstream. */
  upstreamLocal: string | null;
};

export function readClose(record: ReadRecord, line: number): Close {
  const isOld = record.cause === undefined;
  const old = isOld ? closeCauseOf150(record) : null;
  return {
    ...sourceOf(record, line),
    ts: numberOf(record.ts),
    closedBy: textOf(record.closed_by),
    reason: textOf(record.close_reason),
    cause: old === null ? textOf(record.cause) : old.cause,
    term: old === null ? textOf(record.term) : old.term,
    error: textOf(record.error),
    protocol: textOf(record.protocol),
    bytesIn: numberOf(record.bytes_in),
    bytesOut: numberOf(record.bytes_out),
    durationMs: numberOf(record.duration_ms),
    clientEnd: textOf(record.client_end),
    upstreamEnd: textOf(record.upstream_end),
    flags: textsOf(record.flags),
    upstreamLocal: textOf(record.upstream_local),
  };
}
