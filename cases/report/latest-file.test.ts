import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { latestFile } from './latest-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latest-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the newest state wins, and no temporary file stays', async () => {
  const file = latestFile(join(folder, 'deep', 'state'));
  for (let state = 0; state <= 100; state++) file.update(() => String(state));
  await file.settled();
  expect(readFileSync(join(folder, 'deep', 'state'), 'utf8')).toBe('100');
  expect(readdirSync(join(folder, 'deep'))).toEqual(['state']);
});

test('between two writes is a rest, in which states are left out; who waits for the last one ends it', async () => {
  const file = latestFile(join(folder, 'state'));
  let made = 0;
  const update = (state: string) =>
    file.update(() => {
      made++;
      return state;
    });
  update('first');
  for (let state = 0; state < 50; state++) {
    await new Promise((resolve) => setImmediate(resolve));
    update(String(state));
  }
  await file.settled();
  expect(readFileSync(join(folder, 'state'), 'utf8')).toBe('49');
  expect(made).toBeLessThan(10);
});

test('a state that comes after a pause is written too', async () => {
  const file = latestFile(join(folder, 'state'));
  file.update(() => 'first');
  await file.settled();
  file.update(() => 'second');
  await file.settled();
  expect(readFileSync(join(folder, 'state'), 'utf8')).toBe('second');
});

test('what a write met is told, not swallowed', async () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => latestFile(join(folder, 'file', 'state'))).toThrow(/ENOTDIR|EEXIST/);
  const file = latestFile(join(folder, 'state'));
  file.update(() => {
    throw new Error('no state');
  });
  await expect(file.settled()).rejects.toThrow('no state');
});
