import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  type write as writeFn,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSink, type SinkOptions } from './sink.ts';

type Callback = (error: NodeJS.ErrnoException | null, written: number) => void;
type Call = { bytes: Buffer; done: Callback };

let folder: string;
let file: string;
let fd: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wiretracer-sink-'));
  file = join(folder, 'records.jsonl');
  fd = openSync(file, 'a', 0o600);
});

afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

/** A write whose end the test decides; `out` holds what reached the other side. */
function heldWrites() {
  const waiting: Call[] = [];
  let wake: (() => void) | null = null;
  let out = '';
  const write = ((_fd: number, bytes: Buffer, offset: number, length: number, _at: null, done: Callback) => {
    waiting.push({ bytes: bytes.subarray(offset, offset + length), done });
    wake?.();
  }) as unknown as typeof writeFn;
  async function next(): Promise<Call> {
    if (waiting.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return waiting.shift()!;
  }
  return {
    write,
    waiting,
    /** Lets the next write put out so many bytes, or all, and then fail if told so. */
    async pass(bytes?: number): Promise<string> {
      const call = await next();
      const part = call.bytes.subarray(0, bytes ?? call.bytes.length).toString();
      out += part;
      call.done(null, Buffer.byteLength(part));
      return part;
    },
    async fail(code: string): Promise<void> {
      const call = await next();
      call.done(Object.assign(new Error(`${code}: made up`), { code }), 0);
    },
    out: () => out,
  };
}

function heldSink(options: Partial<SinkOptions> = {}) {
  const held = heldWrites();
  const reports: unknown[] = [];
  const sink = openSink(fd, {
    overflow: 'block',
    write: held.write,
    report: (event) => reports.push('error' in event ? event.error.message : event),
    ...options,
  });
  return { ...held, sink, reports };
}

test('the lines of one turn are one write, the lines of a slow write the next', async () => {
  const { sink, pass, waiting } = heldSink();
  sink.push('a\n');
  sink.push('b\n');
  expect(waiting).toHaveLength(0);
  const first = pass(0);
  await first;
  sink.push('c\n');
  expect(await pass()).toBe('a\nb\n');
  expect(await pass()).toBe('c\n');
  await sink.flush();
  expect([sink.written, sink.dropped, sink.queued]).toEqual([3, 0, false]);
});

test('lines that come soon after a write gather for one, until somebody wants them', async () => {
  const { sink, pass, waiting } = heldSink({ gatherMs: 3_600_000 });
  sink.push('alone\n');
  expect(await pass()).toBe('alone\n');
  for (const line of ['b\n', 'c\n']) {
    sink.push(line);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(waiting).toHaveLength(0);
  const flushed = sink.flush();
  expect(await pass()).toBe('b\nc\n');
  await flushed;
  expect(sink.written).toBe(3);
});

test('a full batch does not wait', async () => {
  const { sink, pass } = heldSink({ gatherMs: 3_600_000 });
  sink.push('alone\n');
  await pass();
  const line = `${'x'.repeat(99_999)}\n`;
  for (let n = 0; n < 11; n++) sink.push(line);
  expect(await pass()).toMatch(/^(x+\n){3,}$/);
});

test('two buffers do where batches gather while another is written', async () => {
  const buffers = new Set<ArrayBufferLike>();
  let writes = 0;
  const { sink } = heldSink({
    write: ((_fd: number, bytes: Buffer, _offset: number, length: number, _at: null, done: Callback) => {
      buffers.add(bytes.buffer);
      // Every second write is not overtaken by lines: both buffers are free behind it.
      if (writes++ % 2 === 0) sink.push('line\n');
      setImmediate(done, null, length);
    }) as unknown as typeof writeFn,
  });
  for (let round = 0; round < 5; round++) {
    sink.push('line\n');
    await sink.flush();
  }
  expect(sink.written).toBe(10);
  expect(buffers.size).toBe(2);
});

test('a write that took a part goes on where it stopped', async () => {
  const { sink, pass, out } = heldSink();
  sink.push('häuser\nb\n');
  expect(await pass(5)).toBe('häus');
  expect(await pass()).toBe('er\nb\n');
  await sink.flush();
  expect(out()).toBe('häuser\nb\n');
  expect(sink.written).toBe(2);
});

test('block: over the bound it is congested, nothing is lost, and half way down it is drained', async () => {
  const { sink, pass } = heldSink({ boundChars: 10 });
  const order: string[] = [];
  sink.push('0123456\n');
  expect(sink.congested).toBe(false);
  const first = pass();
  sink.push('89\n');
  expect(sink.congested).toBe(true);
  sink.onceDrained(() => order.push('drained'));
  expect(order).toEqual([]);
  await first;
  await sink.flush();
  expect(order).toEqual(['drained']);
  expect([sink.congested, sink.written, sink.dropped]).toEqual([false, 2, 0]);
});

test('block: what timers still write is bounded too', async () => {
  const { sink, pass } = heldSink({ boundChars: 10 });
  for (let i = 0; i < 9; i++) sink.push('12345\n');
  expect(sink.dropped).toBe(3);
  await pass();
  await sink.flush();
  expect(sink.written).toBe(6);
});

test('drop: what does not fit is counted and nobody has to wait', async () => {
  const { sink, pass, out } = heldSink({ overflow: 'drop', boundChars: 10 });
  expect([sink.push('012345\n'), sink.push('6789\n'), sink.push('x\n')]).toEqual([true, false, true]);
  expect(sink.congested).toBe(false);
  await pass();
  await sink.flush();
  expect(out()).toBe('012345\nx\n');
  expect([sink.written, sink.dropped]).toEqual([2, 1]);
});

test('a full disk is told once, counted, and a line it cut is completed before any other', async () => {
  const { sink, pass, fail, out, reports } = heldSink();
  sink.push('first\nsecond\nthird\n');
  await pass(9);
  await fail('ENOSPC');
  expect([sink.written, sink.dropped]).toEqual([1, 1]);
  sink.push('fourth\n');
  await fail('ENOSPC');
  expect(sink.dropped).toBe(2);
  sink.push('fifth\n');
  expect(await pass(1)).toBe('o');
  await pass();
  await pass();
  await sink.flush();
  expect(out()).toBe('first\nsecond\nfifth\n');
  expect([sink.written, sink.dropped]).toEqual([3, 2]);
  expect(reports).toEqual(['ENOSPC: made up', { recovered: true, dropped: 2 }]);
});

test('a reader that is gone ends the writing, and callers who wait are let go', async () => {
  const { sink, fail, reports, waiting } = heldSink({ boundChars: 4 });
  let drained = 0;
  sink.push('first\n');
  sink.onceDrained(() => drained++);
  const flushed = sink.flush();
  await fail('EPIPE');
  await flushed;
  expect(sink.push('second\n')).toBe(false);
  await sink.flush();
  expect([sink.written, sink.dropped, drained, waiting.length, sink.congested]).toEqual([0, 2, 1, 0, false]);
  expect(reports).toEqual(['EPIPE: made up']);
});

test('EAGAIN of a pipe is waited out', async () => {
  const { sink, pass, fail, reports } = heldSink();
  sink.push('a\n');
  await fail('EAGAIN');
  await pass();
  await sink.flush();
  expect([sink.written, sink.dropped, reports.length]).toEqual([1, 0, 0]);
});

test('a long queue is split into several writes of whole lines', async () => {
  const { sink, pass, out } = heldSink();
  const line = `${'x'.repeat(400_000)}\n`;
  for (let i = 0; i < 5; i++) sink.push(line);
  for (const part of [await pass(), await pass(), await pass()]) expect(part.endsWith('\n')).toBe(true);
  await sink.flush();
  expect(out()).toBe(line.repeat(5));
});

test('flushSync keeps the order while a write is under way', async () => {
  const sink = openSink(fd, { overflow: 'block' });
  const lines = Array.from({ length: 2000 }, (_, index) => `line ${index} ${'x'.repeat(500)}\n`);
  for (const [index, line] of lines.entries()) {
    sink.push(line);
    if (index === 1000) await new Promise((resolve) => setImmediate(resolve));
  }
  sink.flushSync();
  expect(readFileSync(file, 'utf8')).toBe(lines.join(''));
  expect([sink.written, sink.queued]).toEqual([2000, false]);
  await sink.flush();
  expect(fstatSync(fd).size).toBe(lines.join('').length);
});

test('flushSync on a closed descriptor counts instead of throwing', () => {
  const other = openSync(file, 'a');
  const reports: unknown[] = [];
  const sink = openSink(other, { overflow: 'block', report: (event) => reports.push(event) });
  sink.push('a\nb\n');
  closeSync(other);
  sink.flushSync();
  expect([sink.written, sink.push('c\n'), reports.length]).toEqual([0, false, 1]);
});
