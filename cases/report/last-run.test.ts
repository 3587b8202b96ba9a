import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CaseResult } from '../run/results.ts';
import { lastRun, readLastRun, writeAtomically } from './last-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'last-run-'));
const result = (tid: string, status: CaseResult['status']) =>
  ({ tid, status, flaky: false, durationMs: 1 }) as CaseResult;

test('failed and not-run cases are taken up again, once each', () => {
  const content = lastRun(
    ['a', 'b', 'c', 'd'],
    [result('a', 'passed'), result('b', 'failed'), result('b#2', 'error'), result('c', 'not-run')],
    1,
    null,
  );
  const path = join(folder, 'last-run.json');
  writeAtomically(path, JSON.stringify(content));
  expect(readLastRun(path)).toEqual(['b', 'c', 'd']);
});

test('a missing or corrupt file is a mistake of the caller', () => {
  expect(() => readLastRun(join(folder, 'none.json'))).toThrow(
    'does not exist: there is no last run to take up',
  );
  writeFileSync(join(folder, 'corrupt.json'), '{"failed": [');
  expect(() => readLastRun(join(folder, 'corrupt.json'))).toThrow('is not JSON');
  writeFileSync(join(folder, 'other.json'), '{}');
  expect(() => readLastRun(join(folder, 'other.json'))).toThrow(
    "is not a last-run file: it must have required property 'schema'",
  );
});
