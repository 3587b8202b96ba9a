import { expect, test } from 'vitest';
import type { CaseResult, Failure } from '../run/results.ts';
import { foreignReport, mergeForeignReports } from './foreign-report.ts';
import { foreignLines } from './report-lines.ts';

function failed(tid: string, failures: Failure[], untold = new Map<string, number>()): CaseResult {
  return {
    tid,
    instance: { tid } as CaseResult['instance'],
    status: 'failed',
    flaky: false,
    reason: null,
    durationMs: 1,
    attempts: [{ status: 'failed', durationMs: 1, failures, evidence: null, untold }],
  };
}

function skipped(tid: string, reason: string): CaseResult {
  return { ...failed(tid, []), status: 'skipped', reason, attempts: [] };
}

const close = { kind: 'conn', event: 'close', close_reason: 'upstream_fin' };
const rst: Failure = {
  rule: 'records.3',
  path: 'close_reason',
  expected: '"upstream_rst"; flags: …',
  seen: 'upstream_fin',
  nearest: {
    pattern: { kind: 'conn', event: 'close' },
    fact: close,
    mismatches: [{ path: 'close_reason', expected: '"upstream_rst"', seen: 'upstream_fin' }],
    isTaken: false,
  },
};
const unexpected: Failure = { rule: 'exhaustive', path: 'conn', expected: 'a rule', seen: close };
const odd: Failure = {
  rule: 'invariant.timing',
  path: 'event seq 12: duration_ms',
  expected: 'ts_end - ts_start = 3.1',
  seen: 40,
};

test('failures of many cases become one cause; a record that nearly fitted is not also one nobody expected', () => {
  const report = foreignReport([
    failed('neg_h1_rst', [rst, unexpected]),
    failed('neg_h2_rst', [rst, odd], new Map([['conn.cause', 2]])),
    failed('slow', [{ ...odd, path: 'event seq 4: duration_ms', expected: 'ts_end - ts_start = 7.9' }]),
    skipped('plain', 'a plaintext listener'),
  ]);
  expect(report.causes).toEqual([
    {
      name: 'a reset is told as a FIN',
      tids: ['neg_h1_rst', 'neg_h2_rst'],
      differences: [
        {
          field: 'conn close: close_reason',
          expected: '"upstream_rst"',
          seen: '"upstream_fin"',
          tids: ['neg_h1_rst', 'neg_h2_rst'],
        },
      ],
    },
    {
      name: null,
      tids: ['neg_h2_rst', 'slow'],
      differences: [
        {
          field: 'event: duration_ms',
          expected: 'ts_end - ts_start = N',
          seen: 'another number',
          tids: ['neg_h2_rst', 'slow'],
        },
      ],
    },
  ]);
  expect(report.untold).toEqual([{ field: 'conn.cause', expectations: 2, cases: 1 }]);
  expect([report.passed, report.passedInPart]).toEqual([0, 0]);
  expect(report.skipped).toEqual([{ reason: 'a plaintext listener', tids: ['plain'] }]);
  const lines = foreignLines(report);
  expect(lines).toContain(
    '    conn close: close_reason: "upstream_rst" expected, "upstream_fin" seen: 2 TIDs',
  );
  expect(lines).toContain('  conn.cause: 2 expectations in 1 TID');
  expect(lines.at(-1)).toBe('  a plaintext listener: 1 TID: plain');
});

test('a record another rule has taken is not the one that is missing', () => {
  const taken: Failure = { ...rst, nearest: { ...rst.nearest!, isTaken: true } };
  expect(foreignReport([failed('a', [taken])]).causes[0]!.differences[0]).toMatchObject({
    field: 'conn close',
    expected: '1',
    seen: '0',
  });
});

test('reports of shards are put together', () => {
  const of = (tid: string) =>
    foreignReport([failed(tid, [rst], new Map([['conn.cause', 1]])), skipped(`${tid}_x`, 'why')]);
  const merged = mergeForeignReports([of('a'), of('b')])!;
  expect(merged.causes).toHaveLength(1);
  expect(merged.causes[0]).toMatchObject({ tids: ['a', 'b'], differences: [{ tids: ['a', 'b'] }] });
  expect(merged.untold).toEqual([{ field: 'conn.cause', expectations: 2, cases: 2 }]);
  expect(merged.skipped).toEqual([{ reason: 'why', tids: ['a_x', 'b_x'] }]);
  expect(mergeForeignReports([])).toBeUndefined();
});

test('a green case that asked for something nobody told is green in part', () => {
  const green = (tid: string, untold: Map<string, number>): CaseResult => {
    const result = failed(tid, [], untold);
    return { ...result, status: 'passed', attempts: [{ ...result.attempts[0]!, status: 'passed' }] };
  };
  const report = foreignReport([green('whole', new Map()), green('part', new Map([['tls.alert', 1]]))]);
  expect([report.passed, report.passedInPart]).toEqual([2, 1]);
  expect(foreignLines(report)).toContain('  of 2 passed TIDs 1 asked for some of it');
});
