import { expect, test } from 'vitest';
import type { CaseInstance } from '../load/catalog.ts';
import type { CaseResult } from '../run/results.ts';
import { consoleReport } from './console.ts';

const result = (tid: string, durationMs: number, status: CaseResult['status'] = 'passed'): CaseResult => ({
  tid,
  instance: { title: tid, file: 'a.yaml', line: 1 } as CaseInstance,
  status,
  flaky: false,
  reason: status === 'skipped' ? 'needs openssl' : null,
  durationMs,
  attempts: [],
});

function printed(results: CaseResult[], isTTY: boolean): string[] {
  const texts: string[] = [];
  const output = { write: (text: string) => void texts.push(text), isTTY, color: false, columns: 80 };
  consoleReport(output, results.length, null, []).end({ results, problems: [], durationMs: 1000 });
  return texts;
}

const twelve = Array.from({ length: 12 }, (_unused, index) => result(`c${index}`, index * 10 + 0.4));

test('the ten slowest cases are one line of a log, and a line each on a terminal', () => {
  const [line] = printed(twelve, false);
  expect(line).toBe(
    'slowest: c11 110 ms, c10 100 ms, c9 90 ms, c8 80 ms, c7 70 ms, c6 60 ms, c5 50 ms, c4 40 ms, c3 30 ms, c2 20 ms\n',
  );
  const block = printed(twelve, true).find((text) => text.startsWith('slowest\n'));
  expect(block?.split('\n').slice(0, 3)).toEqual(['slowest', '    110 ms  c11', '    100 ms  c10']);
  expect(block?.split('\n')).toHaveLength(12);
});

test('a run of ten or fewer is not listed again, nor what did not run', () => {
  expect(printed(twelve.slice(2), false).join('')).not.toContain('slowest');
  const skipped = [...twelve.slice(2), result('slow', 9999, 'skipped')];
  expect(printed(skipped, false).join('')).not.toContain('slowest');
});
