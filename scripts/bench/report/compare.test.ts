import { expect, test } from 'vitest';
import type { Figure, Report } from '../types.ts';
import { compareReports, comparisonText, parseReport, worseBeyond } from './compare.ts';

const figure = (
  subject: string,
  metric: string,
  better: Figure['better'],
  values: Figure['values'],
): Figure => ({
  work: 'small',
  subject,
  metric,
  unit: '',
  better,
  values,
});

const report = (figures: Figure[]): Report => ({
  schema: 'wiretracer-bench/1',
  machine: { cpus: 2, model: 'm', node: '24', loader: 'h2load' },
  effort: 1,
  rounds: 1,
  figures,
  verdicts: [],
  notes: [],
});

test('a machine twice as fast changes nothing: ratios to the blind relay are compared', () => {
  const run = (speed: number) =>
    report([
      figure('blind relay', 'throughput', 'more', [100 * speed, 110 * speed]),
      figure('wiretracer', 'throughput', 'more', [80 * speed, 88 * speed]),
    ]);
  const [only, ...others] = compareReports(run(1), run(2));
  expect(others).toEqual([]);
  expect(only).toMatchObject({ reference: 'blind relay', before: 0.8, now: 0.8, better: 1 });
});

test('less CPU is better, and the worst stands first', () => {
  const before = report([
    figure('blind relay', 'CPU', 'less', [10]),
    figure('wiretracer', 'CPU', 'less', [20]),
    figure('blind relay', 'throughput', 'more', [100]),
    figure('wiretracer', 'throughput', 'more', [50]),
  ]);
  const now = report([
    figure('blind relay', 'CPU', 'less', [10]),
    figure('wiretracer', 'CPU', 'less', [10]),
    figure('blind relay', 'throughput', 'more', [100]),
    figure('wiretracer', 'throughput', 'more', [40]),
  ]);
  const comparisons = compareReports(before, now);
  expect(comparisons.map(({ what, better }) => [what, better])).toEqual([
    ['small: throughput of wiretracer', 0.8],
    ['small: CPU of wiretracer', 2],
  ]);
  expect(worseBeyond(comparisons, 0.1)).toHaveLength(1);
  expect(worseBeyond(comparisons, 0.25)).toEqual([]);
});

test('a work without a relay compares its figures themselves', () => {
  const [only] = compareReports(
    report([figure('decoder', 'varied', 'more', [100])]),
    report([figure('decoder', 'varied', 'more', [150])]),
  );
  expect(only).toMatchObject({ reference: null, better: 1.5 });
});

test('what only one report has, or nobody measured, is left out, and that is said', () => {
  const comparisons = compareReports(
    report([figure('wiretracer', 'a', 'more', [1]), figure('wiretracer', 'c', 'more', [null])]),
    report([figure('wiretracer', 'b', 'more', [1]), figure('wiretracer', 'c', 'more', [1])]),
  );
  expect(comparisons).toEqual([]);
  expect(comparisonText(comparisons, 'x.json')).toContain('no figure in common');
});

test('a baseline is read behind the lines of npm; another file is refused in words', () => {
  const text = JSON.stringify(report([]));
  expect(parseReport(`\n> wiretracer@2.0.0 bench\n\n${text}`, 'x.json')).toEqual(report([]));
  expect(() => parseReport('{"schema":"other"}', 'x.json')).toThrow(/x\.json is no report of this benchmark/);
  expect(() => parseReport('null', 'x.json')).toThrow(/x\.json is no report/);
  expect(() => parseReport('hello', 'x.json')).toThrow(/x\.json is no JSON/);
});
