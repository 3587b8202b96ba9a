import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { summarize } from './record-file.ts';

function fileOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'wiretracer-soak-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'records.jsonl');
  writeFileSync(path, text);
  return path;
}

test('lines are counted by kind, and the stop line is read', async () => {
  const path = fileOf(
    '{"kind":"meta","event":"start"}\n{"kind":"event","a":{"kind":"conn"}}\n{"kind":"conn"}\n{"kind":"meta","event":"stop","dropped":0}\n',
  );
  expect(await summarize(path)).toEqual({
    kinds: { meta: 2, event: 1, conn: 1 },
    stop: { kind: 'meta', event: 'stop', dropped: 0 },
  });
});

test('without a stop line there is none, and what is no record is told', async () => {
  expect(await summarize(fileOf('{"kind":"conn"}\nnonsense\n'))).toEqual({
    kinds: { conn: 1, unreadable: 1 },
    stop: null,
  });
});
