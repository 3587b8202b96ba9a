import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRecordFile } from './record-file.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wiretracer-records-'));
  file = join(folder, 'records.jsonl');
});

afterEach(() => rmSync(folder, { recursive: true }));

function opened(): number {
  const { fd, removedBytes } = openRecordFile(file);
  closeSync(fd);
  return removedBytes;
}

test('a new file is for its owner alone', () => {
  expect(opened()).toBe(0);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test.each([
  ['nothing of a whole file', '{"kind":"conn"}\n', 0],
  ['an unfinished last record', '{"kind":"conn"}\n{"kind":"tl', 11],
  ['a record cut in its first byte', '{"kind":"conn"}\n{', 1],
  ['an only record', '{"kind":"meta","ev', 18],
])('opening removes %s', (_, content, removed) => {
  writeFileSync(file, content);
  expect(opened()).toBe(removed);
  expect(readFileSync(file, 'utf8')).toBe(content.slice(0, content.length - removed));
});

test('an unfinished record longer than one read is removed whole', () => {
  const tail = `{"kind":"event","x":"${'é'.repeat(100_000)}`;
  writeFileSync(file, `{"kind":"conn"}\n${tail}`);
  expect(opened()).toBe(Buffer.byteLength(tail));
});

test('a file that ends in something else is refused and left as it is', () => {
  writeFileSync(file, 'listeners: []');
  expect(() => openRecordFile(file)).toThrow('ends in the middle of a line that is not a record');
  expect(readFileSync(file, 'utf8')).toBe('listeners: []');
});

test('kill -9 leaves whole lines, and the next run goes on after them', async () => {
  const script = fileURLToPath(new URL('./test-endless-writer.ts', import.meta.url));
  const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const watcher = watch(file);
  // Killed while it writes: far from the start, and at no special place.
  while (statSync(file).size < 2_000_000) await once(watcher, 'change');
  watcher.close();
  child.kill('SIGKILL');
  await once(child, 'exit');
  opened();
  appendFileSync(file, '{"kind":"meta"}\n');
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  const seqs = lines.slice(0, -1).map((line) => (JSON.parse(line) as { seq: number }).seq);
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => index));
});
