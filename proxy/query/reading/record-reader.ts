import { CompressedError, readInput } from './input.ts';
import { LineSplitter } from './line-splitter.ts';
import { Tally } from './tally.ts';

/** A record as it was read: of any version, its values unchecked. */
export type ReadRecord = Readonly<Record<string, unknown>> & { readonly kind: string };

export type RecordSink = {
  /** May take a record without its being parsed; null where it is to be parsed. */
  skim?(text: string, line: number): { kind: string; seq: number } | null;
  /** `text` is the line as it was written. */
  record(record: ReadRecord, line: number, text: string): void;
  /** A line that is no JSON: of a client's own log, perhaps. */
  text?(text: string, line: number, tally: Tally): void;
  /** Everything there is for now has been read: whoever follows may be told. */
  caughtUp?(): void;
  /** Awaited between pieces of the input, so that what is written keeps pace with what is read. */
  drained?(): Promise<void> | null;
};

export type ReadOptions = {
  follow?: boolean;
  signal?: AbortSignal;
  /** What `tally` may already hold of a file before. */
  tally?: Tally;
};

/** The keys without which nobody can say what a record is about. */
const needed: Readonly<Record<string, readonly string[]>> = {
  conn: ['conn_id', 'event', 'listener'],
  tls: ['conn_id', 'side', 'outcome'],
  event: ['conn_id', 'protocol'],
  h2ctl: ['conn_id', 'h2_event'],
  meta: ['event'],
};

/** The kinds that are known here. */
export const recordKinds: readonly string[] = Object.keys(needed);

/** Holds a record with the bodies of both halves at the proxy's own limit of 10 MiB each, in base64. */
const maxLineBytes = 32 * 1024 * 1024;

/**
 * Reads the records of a file, a pipe or a file that grows, and never stops at a bad line: that one is counted and named.
 * Throws an InputError when there is nothing that could be read.
 */
export async function readRecords(path: string, sink: RecordSink, options: ReadOptions = {}): Promise<Tally> {
  const tally = options.tally ?? new Tally();
  const signal = options.signal ?? new AbortController().signal;
  const lines = new LineSplitter(maxLineBytes, {
    line: (text, number) => readLine(text, number, sink, tally),
    tooLong(number, bytes) {
      tally.lines += 1;
      tally.problem('too-long', number, `${bytes} bytes`);
    },
  });
  let isFirst = true;
  for await (const piece of readInput(path, options.follow ?? false, signal)) {
    if (piece.kind === 'data' && isFirst) {
      isFirst = false;
      // RFC 1952, 2.3.1: ID1 and ID2.
      if (piece.chunk[0] === 0x1f && piece.chunk[1] === 0x8b) throw new CompressedError(path);
    }
    if (piece.kind === 'data') lines.push(piece.chunk);
    else if (piece.kind === 'restart') readLast(lines, sink, tally);
    else sink.caughtUp?.();
    const waiting = sink.drained?.();
    if (waiting) await waiting;
  }
  readLast(lines, sink, tally, signal.aborted);
  return tally;
}

/**
 * What follows the last LF is a record if it is whole, else the beginning of one; of which, when the reader stopped before the
 * input did, nobody knows whether it goes on.
 */
function readLast(lines: LineSplitter, sink: RecordSink, tally: Tally, stopped = false): void {
  const rest = lines.end();
  if (rest === null) return;
  const whole = parsed(rest.text) !== undefined;
  if (stopped && !whole) return;
  if (whole || !rest.text.trimStart().startsWith('{')) {
    readLine(rest.text, rest.number, sink, tally);
    return;
  }
  tally.lines += 1;
  tally.problem('cut-off', rest.number, rest.text);
}

function readLine(text: string, line: number, sink: RecordSink, tally: Tally): void {
  if (text === '' || text === '\r') return;
  tally.lines += 1;
  const skimmed = sink.skim?.(text, line) ?? null;
  if (skimmed !== null) {
    tally.records += 1;
    tally.countKind(skimmed.kind);
    if (tally.sequence(skimmed.seq)) tally.problem('out-of-order', line, `seq ${skimmed.seq}`);
    return;
  }
  const value = parsed(text);
  if (value === undefined) {
    tally.problem('not-json', line, text);
    sink.text?.(text, line, tally);
    return;
  }
  if (!isRecord(value)) {
    tally.problem('not-a-record', line, text);
    return;
  }
  tally.records += 1;
  check(value, line, tally);
  sink.record(value, line, text);
}

function check(record: ReadRecord, line: number, tally: Tally): void {
  const { kind, seq } = record;
  tally.countKind(kind);
  const keys = needed[kind];
  if (keys === undefined) {
    tally.problem('unknown-kind', line, kind);
    return;
  }
  for (const key of keys) {
    if (typeof record[key] === 'string') continue;
    tally.problem('missing-keys', line, `${kind} without ${key}`);
    return;
  }
  if (kind === 'meta' && record.event === 'start') tally.beginRun();
  if (typeof seq !== 'number') tally.oldRecords += 1;
  else if (tally.sequence(seq)) tally.problem('out-of-order', line, `seq ${seq}`);
}

function isRecord(value: unknown): value is ReadRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    typeof (value as { kind?: unknown }).kind === 'string'
  );
}

/** Undefined for what is no JSON, which itself has no undefined. */
function parsed(text: string): unknown {
  try {
    // A byte order mark, as some editors write one.
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}
