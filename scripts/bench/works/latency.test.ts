import { expect, test } from 'vitest';
import type { OpenLoopResult } from '../load/open-loop.ts';
import { figuresOf } from './latency.ts';

const result = (p50Us: number, p99Us: number, p999Us: number | null): OpenLoopResult => ({
  calls: 1,
  answered: 1,
  p50Us,
  p99Us,
  p999Us,
  latenessP50Us: 0,
  latenessP99Us: 0,
});

test('what a relay adds is taken from the direct connection of its own round', () => {
  const figures = figuresOf(
    200,
    new Map([
      ['direct', [result(100, 200, null), result(10, 20, null), null]],
      ['wiretracer', [result(150, 260, null), result(40, 90, null), result(1, 1, null)]],
    ]),
  );
  const values = (subject: string, metric: string) =>
    figures.find((figure) => figure.subject === subject && figure.metric === metric)!.values;
  expect(values('direct', 'p50 at 200/s')).toEqual([100, 10, null]);
  expect(values('wiretracer', 'p50 added at 200/s')).toEqual([50, 30, null]);
  expect(values('wiretracer', 'p99 added at 200/s')).toEqual([60, 70, null]);
});

test('a p999 stands where a run had the calls for one', () => {
  const p999 = (...direct: (OpenLoopResult | null)[]) =>
    figuresOf(200, new Map([['direct', direct]])).find(({ metric }) => metric === 'p999 at 200/s')?.values;
  expect(p999(result(100, 200, null), null)).toBeUndefined();
  expect(p999(result(100, 200, 300), null)).toEqual([300, null]);
  const figures = figuresOf(
    200,
    new Map([
      ['direct', [result(100, 200, 300), result(10, 20, null), null]],
      ['wiretracer', [result(150, 260, null), result(40, 90, 99), result(1, 1, 1)]],
    ]),
  );
  const added = figures.find(({ metric }) => metric === 'p999 added at 200/s');
  expect(added!.values).toEqual([null, null, null]);
});
