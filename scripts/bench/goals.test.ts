import { expect, test } from 'vitest';
import { goals, judge, short } from './goals.ts';
import type { Figure } from './types.ts';
import { works } from './works/index.ts';

const figure = (
  work: string,
  subject: string,
  metric: string,
  unit: string,
  values: Figure['values'],
): Figure => ({
  work,
  subject,
  metric,
  unit,
  better: 'more',
  values,
});

test('every goal is one of a work there is', () => {
  for (const { work } of goals) expect(Object.keys(works)).toContain(work);
});

test('a goal is kept at its limit and missed beside it, and what falls short comes first', () => {
  const verdicts = judge(
    [
      figure('large', 'wiretracer', 'throughput', 'MB/s', [400, 360]),
      figure('large', 'HAProxy', 'throughput', 'MB/s', [440, 400]),
      figure('large', 'wiretracer', 'CPU', 'ms/10 MiB', [27, 26, 20]),
    ],
    ['large'],
  );
  expect(verdicts).toEqual(
    [
      { goal: 'large: CPU <= 26.0 ms/10 MiB', met: true, measured: '26.0 ms/10 MiB' },
      { goal: 'large: throughput >= 0.90 x HAProxy', met: true, measured: '0.90 x HAProxy' },
    ].reverse(),
  );
  const worse = judge(
    [
      figure('large', 'wiretracer', 'throughput', 'MB/s', [400]),
      figure('large', 'HAProxy', 'throughput', 'MB/s', [400]),
      figure('large', 'wiretracer', 'CPU', 'ms/10 MiB', [26.1]),
    ],
    ['large'],
  );
  expect(worse.map(({ met }) => met)).toEqual([false, true]);
  expect(worse[0]!.goal).toContain('CPU');
});

test('memory is judged by what a pair has above the blind relay', () => {
  const pair = (ours: number) =>
    judge(
      [
        figure('memory', 'wiretracer', 'idle pair', 'KiB', [ours]),
        figure('memory', 'blind relay', 'idle pair', 'KiB', [100]),
      ],
      ['memory'],
    );
  expect(pair(160)).toEqual([
    {
      goal: 'memory: idle pair <= 60.0 KiB above blind relay',
      met: true,
      measured: '60.0 KiB above blind relay',
    },
  ]);
  expect(pair(161)[0]!.met).toBe(false);
});

test('what was not measured is neither kept nor missed', () => {
  const verdicts = judge([figure('large', 'wiretracer', 'throughput', 'MB/s', [400])], ['large']);
  expect(verdicts.map(({ met, measured }) => [met, measured])).toEqual([
    [null, 'HAProxy: not measured'],
    [null, 'wiretracer: not measured'],
  ]);
});

test('a value below zero makes no ratio, and is not called unmeasured', () => {
  const p99 = 'p99 added at 2000/s';
  const figures = [
    figure('latency', 'wiretracer', p99, 'us', [400, null]),
    figure('latency', 'HAProxy', p99, 'us', [-162, 90]),
  ];
  expect(judge(figures, ['latency'])).toMatchObject([
    { met: null, measured: 'no ratio: what is missing or below zero is noise' },
  ]);
});

test('works that were not chosen have no verdict', () => {
  expect(judge([], [])).toEqual([]);
});

test('a number shows the digits that count', () => {
  expect([0.123, 9.876, 12.34, 999.4, 123456].map(short)).toEqual(['0.12', '9.88', '12.3', '999', '123,456']);
});
