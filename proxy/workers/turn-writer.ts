import { fstatSync, ftruncateSync, write } from 'node:fs';
import { lastSeq, renumber, renumberedBytes } from './renumber.ts';

export type TurnWriter = {
  /** In place of `fs.write`, for whole lines: they are written once it is this worker's turn. */
  write: typeof write;
  /** It is: the first line gets the number `base`. */
  turn(base: number): void;
  /** Lines given up behind the last one written, when `seq` comes next. */
  missingBefore(seq: number): number;
};

export type TurnRequests = {
  /** Asks for a turn, and for so many numbers. */
  ask(numbers: number): void;
  /** Gives it back: how many numbers are used, and how many lines written. */
  done(numbers: number, lines: number): void;
};

/** Turns for short batches cost more than the writing: so long after one the next begins, unless it was a long one. */
const PAUSE_MS = 5;
const LONG_BATCH = 512 * 1024;
const RETRY_MS = 5;
const LEAST_ROOM = 1 << 20;

type Callback = (error: NodeJS.ErrnoException | null, count: number) => void;

/**
 * The workers append to one file, each in its turn, and number their lines when their turn comes: so the numbers rise in
 * the file, and the primary never sees a byte of it.
 */
export function createTurnWriter({ ask, done }: TurnRequests): TurnWriter {
  /** A worker's own numbers begin with its `start` line, which stays here. */
  let expected = 1;
  let job: { fd: number; lines: Buffer; callback: Callback } | null = null;
  let kept = Buffer.alloc(0);

  function begin(
    fd: number,
    buffer: Buffer,
    offset: number,
    length: number,
    _at: null,
    callback: Callback,
  ): void {
    job = { fd, lines: buffer.subarray(offset, offset + length), callback };
    ask(lastSeq(job.lines) - expected + 1);
  }

  function turn(base: number): void {
    const { fd, lines, callback } = job!;
    const scratch = room(lines);
    const all = renumber(lines, expected, base, scratch);
    writeAll(fd, scratch.subarray(0, all.bytes), 0, (error, count) => {
      if (error === null) {
        settle(all.numbers, all.lines);
        // Until it is told, the sink gathers the next batch.
        if (lines.length >= LONG_BATCH) callback(null, lines.length);
        else setTimeout(callback, PAUSE_MS, null, lines.length);
        return;
      }
      const whole = wholeLines(fd, scratch, count);
      const written = countLines(scratch, whole);
      const end = endOfLine(lines, written);
      settle(end === 0 ? 0 : lastSeq(lines.subarray(0, end)) + 1 - expected, written);
      // Told of what is out, the sink comes back with the rest and meets the error then.
      if (end > 0) callback(null, end);
      else callback(error, 0);
    });
  }
  function settle(numbers: number, written: number): void {
    expected += numbers;
    done(numbers, written);
  }

  /** Kept from turn to turn: fresh memory costs more than what is done with it. */
  function room(lines: Buffer): Buffer {
    const bytes = renumberedBytes(lines);
    if (kept.length < bytes) kept = Buffer.allocUnsafeSlow(Math.max(bytes, LEAST_ROOM));
    return kept;
  }

  return { write: begin as unknown as typeof write, turn, missingBefore: (seq) => seq - expected };
}

function writeAll(fd: number, bytes: Buffer, from: number, callback: Callback): void {
  write(fd, bytes, from, bytes.length - from, null, (error, count) => {
    if (error?.code === 'EAGAIN') setTimeout(() => writeAll(fd, bytes, from, callback), RETRY_MS);
    else if (error !== null) callback(error, from);
    else if (from + count < bytes.length) writeAll(fd, bytes, from + count, callback);
    else callback(null, bytes.length);
  });
}

/** A full disk cuts a line in two; what is out of it goes again, for another worker's line comes next. */
function wholeLines(fd: number, bytes: Buffer, count: number): number {
  const whole = count === 0 ? 0 : bytes.lastIndexOf(NEWLINE, count - 1) + 1;
  const stat = fstatSync(fd);
  if (whole < count && stat.isFile()) ftruncateSync(fd, stat.size - (count - whole));
  return whole;
}

function countLines(bytes: Buffer, until: number): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1 && at < until; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** Offset behind the line that is the `count`th. */
function endOfLine(bytes: Buffer, count: number): number {
  let end = 0;
  for (let line = 0; line < count; line++) end = bytes.indexOf(NEWLINE, end) + 1;
  return end;
}

const NEWLINE = 0x0a;
