import { fstatSync, write, writeSync } from 'node:fs';

/** Where lines go. Pushing never throws and never waits. */
export type Sink = {
  /** One line, newline included. False when it was dropped. */
  push(line: string): boolean;
  readonly congested: boolean;
  onceDrained(callback: () => void): void;
  /** Whether anything waits to be written. */
  readonly queued: boolean;
  /** Lines that reached the file, and lines given up. */
  readonly written: number;
  readonly dropped: number;
  /** Resolves when everything pushed so far was written or given up. */
  flush(): Promise<void>;
  /** For the last moment of a process: writes what waits, in order, before it returns. */
  flushSync(): void;
};

export type SinkOptions = {
  overflow: 'block' | 'drop';
  /** Queue bound in characters (nearly all of them one byte). Default 64 Mi. */
  boundChars?: number;
  /**
   * Lines that come sooner than this after a write began gather for the next one; default 5. A line that comes alone is written in
   * its own turn of the event loop. A write for every turn woke two threads for each exchange: 40 us of added latency.
   */
  gatherMs?: number;
  /** Called at the first failure of a row of failures, and once when writing works again. */
  report?: (event: { error: Error } | { recovered: true; dropped: number }) => void;
  /** `fs.write`, or a stand-in that fails. */
  write?: typeof write;
};

/** Lines as bytes. Kept as strings they would be ropes of a hundred pieces, and collecting those costs more than all else. */
type Batch = { bytes: Buffer; length: number; lines: number; chars: number };

const RETRY_MS = 5;
const GATHER_MS = 5;
/** One write holds about this much, so that a long queue does not become one giant buffer. */
const BATCH_BYTES = 1 << 20;
const SPARES = 8;
/** In `block` mode sockets pause, but timers and closing connections still write: beyond this factor lines are dropped. */
const BLOCK_HARD_FACTOR = 4;

/**
 * Batches the lines of one turn of the event loop, and under load those of `gatherMs`, into one write of whole lines; while
 * a write is under way the next batch gathers. The descriptor is opened for appending by the caller, who also closes it.
 */
export function openSink(fd: number, options: SinkOptions): Sink {
  const boundChars = options.boundChars ?? 64 * 1024 * 1024;
  const gatherMs = options.gatherMs ?? GATHER_MS;
  const limitChars = options.overflow === 'drop' ? boundChars : boundChars * BLOCK_HARD_FACTOR;
  const writeTo = options.write ?? write;
  const queue: Batch[] = [];
  let filling = emptyBatch();
  /** One is written while the other fills: at a steady pace no batch needs a new buffer. */
  const spares: Buffer[] = [];
  let queuedChars = 0;
  let wroteAtMs = Number.NEGATIVE_INFINITY;
  /** The next write waits for more lines, or comes in this turn. */
  let timer: NodeJS.Timeout | null = null;
  let due = false;
  /** The buffer under way and how much of it is out. After a failed write it holds the rest of a line cut in two. */
  let current: { bytes: Buffer; offset: number; chars: number; reusable: Buffer | null } | null = null;
  let writing = false;
  /** Tells the answer of a write that flushSync already accounted for. */
  let round = 0;
  const regular = fstatSync(fd).isFile();
  let size = regular ? fstatSync(fd).size : 0;
  let failing = false;
  let closed = false;
  let written = 0;
  let dropped = 0;
  const drained: (() => void)[] = [];
  const flushed: (() => void)[] = [];

  function push(line: string): boolean {
    if (closed || queuedChars + line.length > limitChars) {
      dropped++;
      return false;
    }
    // UTF-8 takes at most 3 bytes for one UTF-16 unit.
    if (filling.length + line.length * 3 > filling.bytes.length) makeRoom(Buffer.byteLength(line));
    filling.length += filling.bytes.write(line, filling.length);
    filling.lines++;
    filling.chars += line.length;
    queuedChars += line.length;
    schedule();
    return true;
  }

  function makeRoom(bytes: number): void {
    if (filling.length + bytes <= filling.bytes.length) return;
    if (filling.lines > 0) {
      rotate();
      scheduleNow();
    }
    const spare = bytes <= BATCH_BYTES ? spares.pop() : undefined;
    filling.bytes = spare ?? Buffer.allocUnsafeSlow(Math.max(BATCH_BYTES, bytes));
  }

  function rotate(): void {
    queue.push(filling);
    filling = emptyBatch();
  }

  function schedule(): void {
    if (due || timer !== null || writing) return;
    if (performance.now() - wroteAtMs >= gatherMs) scheduleNow();
    else timer = setTimeout(scheduleNow, gatherMs);
  }

  function scheduleNow(): void {
    clearTimeout(timer ?? undefined);
    timer = null;
    if (due || writing) return;
    due = true;
    setImmediate(() => {
      due = false;
      next();
    });
  }

  /** Takes the next batch. A rest left by a failure goes first, or the file would hold half a line inside a line. */
  function next(): void {
    if (writing) return;
    if (current === null && !take()) {
      settle();
      return;
    }
    const { bytes, offset } = current!;
    writing = true;
    wroteAtMs = performance.now();
    const mine = ++round;
    writeTo(fd, bytes, offset, bytes.length - offset, null, (error, count) => {
      if (mine !== round) return;
      writing = false;
      if (error === null) advance(count);
      else if (error.code === 'EAGAIN') setTimeout(next, RETRY_MS);
      else fail(error);
    });
  }

  function take(): boolean {
    if (filling.lines > 0 && queue.length === 0) rotate();
    const batch = queue.shift();
    if (batch === undefined) return false;
    current = {
      bytes: batch.bytes.subarray(0, batch.length),
      offset: 0,
      chars: batch.chars,
      reusable: batch.bytes,
    };
    return true;
  }

  function advance(count: number): void {
    const { bytes, offset, chars, reusable } = current!;
    size += count;
    written += newlines(bytes, offset, offset + count);
    if (failing && count > 0) {
      failing = false;
      options.report?.({ recovered: true, dropped });
    }
    if (offset + count < bytes.length) current!.offset += count;
    else {
      queuedChars -= chars;
      if (reusable?.length === BATCH_BYTES && spares.length < SPARES) spares.push(reusable);
      current = null;
      relieve();
    }
    if (current !== null || queue.length > 0 || flushed.length > 0) next();
    else if (filling.lines > 0) schedule();
  }

  /** Gives up everything that waits, but not the rest of a line already begun: it goes out before any other. */
  function fail(error: NodeJS.ErrnoException): void {
    const { bytes, offset } = current!;
    const begun = offset > 0 && bytes[offset - 1] !== 0x0a;
    const lineEnd = begun ? bytes.indexOf(0x0a, offset) + 1 : offset;
    dropped += newlines(bytes, lineEnd, bytes.length);
    // The leading byte stands for the part that is out: an offset of 0 would make the line look untouched.
    const rest = begun ? Buffer.concat([CUT, bytes.subarray(offset, lineEnd)]) : null;
    current = rest === null ? null : { bytes: rest, offset: CUT.length, chars: 0, reusable: null };
    dropQueue();
    if (!failing) options.report?.({ error });
    failing = true;
    if (error.code === 'EPIPE' || error.code === 'EBADF') giveUp();
    relieve();
    settle();
  }

  function dropQueue(): void {
    for (const batch of [...queue, filling]) dropped += batch.lines;
    queue.length = 0;
    filling = emptyBatch();
    queuedChars = 0;
  }

  /** Nobody reads any more and nobody will. */
  function giveUp(): void {
    closed = true;
    if (current !== null) dropped++;
    current = null;
    dropQueue();
  }

  function relieve(): void {
    if (queuedChars > boundChars / 2) return;
    for (const callback of drained.splice(0)) callback();
  }

  function settle(): void {
    for (const resolve of flushed.splice(0)) resolve();
  }

  function flush(): Promise<void> {
    return new Promise((resolve) => {
      flushed.push(resolve);
      scheduleNow();
    });
  }

  function flushSync(): void {
    if (writing && !landed()) {
      // Writing now could land inside the line that is still under way.
      dropQueue();
      return;
    }
    try {
      while (current !== null || take()) {
        const { bytes, offset } = current!;
        const count = writeSync(fd, bytes, offset, bytes.length - offset);
        size += count;
        written += newlines(bytes, offset, offset + count);
        if (offset + count < bytes.length) current!.offset += count;
        else current = null;
      }
    } catch (error) {
      if (!failing) options.report?.({ error: error as Error });
      giveUp();
    }
  }

  /** Waits for the write the thread pool has in hand, which only the size of a regular file tells from here. */
  function landed(): boolean {
    if (!regular) return false;
    const { bytes, offset } = current!;
    for (let tries = 0; fstatSync(fd).size < size + bytes.length - offset; tries++) {
      if (tries === LAND_TRIES) return false;
      Atomics.wait(SLEEP, 0, 0, 1);
    }
    size += bytes.length - offset;
    written += newlines(bytes, offset, bytes.length);
    current = null;
    writing = false;
    round++;
    return true;
  }

  return {
    push,
    onceDrained(callback) {
      if (queuedChars > boundChars / 2) drained.push(callback);
      else setImmediate(callback);
    },
    get congested() {
      return options.overflow === 'block' && queuedChars > boundChars;
    },
    get queued() {
      return writing || queue.length > 0 || filling.lines > 0;
    },
    get written() {
      return written;
    },
    get dropped() {
      return dropped;
    },
    flush,
    flushSync,
  };
}

const NO_BYTES = Buffer.alloc(0);

const emptyBatch = (): Batch => ({ bytes: NO_BYTES, length: 0, lines: 0, chars: 0 });

const CUT = Buffer.from(' ');
const SLEEP = new Int32Array(new SharedArrayBuffer(4));
const LAND_TRIES = 1000;

function newlines(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a, from); at !== -1 && at < to; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}
