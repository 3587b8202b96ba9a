import { appendFileSync, closeSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRecordFile } from '../records/record-file.ts';
import { openSink, type Sink } from '../records/sink.ts';
import { createTurnServer, type TurnDesk, type TurnServer } from './turn-server.ts';
import { createTurnWriter } from './turn-writer.ts';

let folder: string;
let file: string;
let fd: number;
let turns: TurnServer;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wiretracer-turns-'));
  file = join(folder, 'records.jsonl');
  fd = openRecordFile(file).fd;
  turns = createTurnServer(fd);
});

afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

/** A worker without its process: `line` writes what a record log would, numbered by its own count from 1. */
function worker(options: { overflow: 'block' | 'drop'; boundChars?: number } = { overflow: 'block' }) {
  const requests = {
    ask: (numbers: number) => desk.ask(numbers),
    done: (n: number, lines: number) => desk.done(n, lines),
  };
  const writer = createTurnWriter(requests);
  const desk: TurnDesk = turns.deskOf((base) => writer.turn(base));
  const sink: Sink = openSink(fd, { ...options, write: writer.write });
  let seq = 1;
  const line = (name: string, rest = ''): boolean =>
    sink.push(
      `{"kind":"conn","id":"${'0'.repeat(80)}","name":${JSON.stringify(name)},"seq":${seq++},"rest":"${rest}"}\n`,
    );
  return { sink, desk, line, missing: () => writer.missingBefore(seq) };
}

const rows = (): { name: string; seq: number; rest: string }[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text));

test('lines of two workers are numbered through, in the order of the file', async () => {
  const [one, two] = [worker(), worker()];
  expect([turns.number(), turns.number()]).toEqual([0, 1]);
  for (let n = 0; n < 120; n++) (n % 3 === 0 ? one : two).line(`${n}`);
  turns.open();
  await Promise.all([one.sink.flush(), two.sink.flush()]);
  for (let n = 120; n < 240; n++) (n % 2 === 0 ? one : two).line(`${n}`);
  await Promise.all([one.sink.flush(), two.sink.flush()]);
  expect(rows().map(({ seq }) => seq)).toEqual(Array.from({ length: 240 }, (_, n) => n + 2));
  expect(new Set(rows().map(({ name }) => name)).size).toBe(240);
  expect(turns).toMatchObject({ written: 240, lost: 0, busy: false });
  expect(turns.number()).toBe(242);
});

test('nothing in a record is taken for its number', async () => {
  const one = worker();
  const names = [',"seq":7', '"seq":8,', '\\,"seq":9', '"},"seq":10,"', 'é\u2028"seq":'];
  for (const name of names) one.line(name);
  one.sink.push(
    `{"kind":"event","id":"${'0'.repeat(80)}","headers":{"a":"b","seq":"11"},"seq":6,"name":"header"}\n`,
  );
  turns.open();
  await one.sink.flush();
  expect(rows().map(({ name }) => name)).toEqual([...names, 'header']);
  expect(rows().map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5]);
});

test('no line is written before the turns are open', async () => {
  const one = worker();
  one.line('early');
  const flushed = one.sink.flush();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(readFileSync(file, 'utf8')).toBe('');
  turns.open();
  await flushed;
  expect(rows()).toHaveLength(1);
});

test('overflow drop: each line given up leaves its gap, those at the end too', async () => {
  const one = worker({ overflow: 'drop', boundChars: 1000 });
  const two = worker();
  const kept = Array.from({ length: 20 }, (_, n) => one.line(`a${n}`));
  two.line('b');
  const dropped = kept.filter((ok) => !ok).length;
  expect(dropped).toBeGreaterThan(0);
  expect(kept.indexOf(false)).toBe(20 - dropped);
  turns.open();
  await one.sink.flush();
  await two.sink.flush();
  expect(one.line('a20')).toBe(true);
  await one.sink.flush();
  const seqOf = (name: string) => rows().find((row) => row.name === name)!.seq;
  expect(rows().map(({ seq }) => seq)).toEqual([...rows().map(({ seq }) => seq)].sort((a, b) => a - b));
  expect(seqOf('a20') - seqOf(`a${19 - dropped}`)).toBe(dropped + 2);
  expect(seqOf('b')).toBe(20 - dropped);
  expect(one.sink.dropped).toBe(dropped);
  const before = turns.number();
  expect(before).toBe(22);
  const more = Array.from({ length: 20 }, (_, n) => one.line(`c${n}`)).filter((ok) => !ok).length;
  await one.sink.flush();
  expect(one.missing()).toBe(more);
});

test('overflow block: the queue of a worker that has to wait is congested until its turn came', async () => {
  const one = worker({ overflow: 'block', boundChars: 1000 });
  for (let n = 0; n < 20; n++) expect(one.line(`${n}`)).toBe(true);
  expect(one.sink.congested).toBe(true);
  const drained = new Promise<void>((resolve) => one.sink.onceDrained(resolve));
  turns.open();
  await drained;
  expect(one.sink.congested).toBe(false);
  await one.sink.flush();
  expect(rows()).toHaveLength(20);
});

test('a worker killed in its turn: half a line goes, whole ones stay, the next worker has its turn', async () => {
  turns.open();
  // A worker that took its turn and was killed while it wrote.
  const victim = turns.deskOf(() =>
    appendFileSync(file, '{"kind":"conn","seq":0}\n{"kind":"conn","seq":1}\n{"kin'),
  );
  victim.ask(5);
  const waiting = turns.deskOf(() => undefined);
  waiting.ask(1);
  const other = worker();
  other.line('after');
  const flushed = other.sink.flush();
  expect(turns.busy).toBe(true);
  victim.leave();
  waiting.leave();
  await flushed;
  expect(rows().map(({ seq }) => seq)).toEqual([0, 1, 6]);
  // The one that was waiting had got its turn when it left: its number is lost as well.
  expect(turns).toMatchObject({ written: 3, lost: 4, busy: false });
});
