import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRecords } from './record-reader.ts';
import type { Tally } from './tally.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wiretracer-follow-'));
  path = join(folder, 'records.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

type Following = { seen: string[]; until(id: string): Promise<void>; end(): Promise<Tally> };

/** Reads in the background; `until` waits for a record, never for a time. */
function follow(): Following {
  const stop = new AbortController();
  const seen: string[] = [];
  const waiting = new Map<string, () => void>();
  const done = readRecords(
    path,
    {
      record(record) {
        const id = String(record.id);
        seen.push(id);
        waiting.get(id)?.();
      },
    },
    { follow: true, signal: stop.signal },
  );
  return {
    seen,
    until: (id) =>
      seen.includes(id) ? Promise.resolve() : new Promise((resolve) => waiting.set(id, resolve)),
    end() {
      stop.abort();
      return done;
    },
  };
}

const record = (id: string): string => `${JSON.stringify({ kind: 'x', id })}\n`;

test('waits for a file that is not there, and goes on as it grows, in the middle of a line too', async () => {
  const following = follow();
  writeFileSync(path, record('1'));
  await following.until('1');
  appendFileSync(path, record('2').slice(0, 9));
  appendFileSync(path, record('2').slice(9) + record('3'));
  await following.until('3');
  const tally = await following.end();
  expect(following.seen).toEqual(['1', '2', '3']);
  expect(tally.problems().map(({ kind }) => kind)).toEqual(['unknown-kind']);
});

test('goes on in the new file after a rotation by rename', async () => {
  writeFileSync(path, record('1'));
  const following = follow();
  await following.until('1');
  renameSync(path, `${path}.1`);
  writeFileSync(path, record('2'));
  await following.until('2');
  await following.end();
  expect(following.seen).toEqual(['1', '2']);
});

test('loses no line that the old file gets just before the new one is there', async () => {
  writeFileSync(path, record('0'));
  const following = follow();
  await following.until('0');
  const expected = ['0'];
  for (let n = 0; n < 60; n++) {
    const [first, last, next] = [`${n}a`, `${n}b`, `${n}c`];
    appendFileSync(path, record(first));
    await following.until(first);
    // At whatever point of its look at the file the reader is.
    for (let turns = n % 12; turns > 0; turns--) await nextTurn();
    appendFileSync(path, record(last));
    renameSync(path, `${path}.1`);
    writeFileSync(path, record(next));
    await following.until(next);
    expected.push(first, last, next);
  }
  await following.end();
  expect(following.seen).toEqual(expected);
});

test('begins again after a rotation by truncation, and names the line it cut', async () => {
  writeFileSync(path, record('1') + record('cut').slice(0, 12));
  const following = follow();
  await following.until('1');
  truncateSync(path, 0);
  appendFileSync(path, record('2'));
  await following.until('2');
  const tally = await following.end();
  expect(following.seen).toEqual(['1', '2']);
  expect(tally.problems().map(({ kind }) => kind)).toContain('cut-off');
});
