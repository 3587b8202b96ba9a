import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { multiplyRecords } from './multiply-records.ts';

test('copies have connections and ids of their own and numbers that go on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wiretracer-multiply-'));
  const [from, to] = [join(folder, 'few'), join(folder, 'many')];
  const id = (digit: string) => `${digit.repeat(8)}-0000-4000-8000-000000000000`;
  const line = (kind: string, own: string) =>
    JSON.stringify({ kind, id: id(own), text: '"seq":', conn_id: id('c'), seq: 7 });
  writeFileSync(from, `{"kind":"meta","seq":0}\n${line('conn', 'a')}\n${line('event', 'b')}\n`);
  await multiplyRecords(from, to, 5);
  const records = readFileSync(to, 'utf8')
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as { id: string; conn_id: string; seq: number; text: string });
  expect(records.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(new Set(records.map((record) => record.id)).size).toBe(6);
  expect(new Set(records.map((record) => record.conn_id)).size).toBe(3);
  expect(records[4]!.conn_id).toBe(records[5]!.conn_id);
  expect(records.every(({ text }) => text === '"seq":')).toBe(true);
  rmSync(folder, { recursive: true });
});
