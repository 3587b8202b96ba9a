import { expect, test } from 'vitest';
import type { PlannedCase } from '../plan/plan.ts';
import { queueOf } from './queue.ts';

const quick = (tid: string) => ({
  tid,
  tags: [] as string[],
  client: { proto: 'h1', request: { path: '/mode/ok?tid=x' } },
});
const limited = (tid: string) => ({ ...quick(tid), listener: { policy: { read_timeout: 0.25 } } });
const late = (tid: string) => ({
  ...quick(tid),
  client: { proto: 'h1', request: { path: '/mode/hang?t=9' } },
});
const lateSecond = (tid: string) => ({ tid, tags: [], clients: [quick('a').client, late('b').client] });
const inLane = (tid: string) => ({ ...quick(tid), isolate: 'hostile' });
const large = (tid: string) => ({ ...quick(tid), tags: ['large'] });
const order = (instances: { tid: string }[], repeatEach: number, workers: number) => {
  const cases = instances.map((instance) => ({ instance }) as unknown as PlannedCase);
  return queueOf({ cases }, repeatEach, workers).map(({ tid }) => tid);
};

test('what waits begins before what works, and the rest stays in its order', () => {
  const cases = [quick('a'), limited('b'), quick('c'), late('d'), lateSecond('e'), quick('f')];
  expect(order(cases, 1, 2)).toEqual(['b', 'd', 'e', 'a', 'c', 'f']);
});

test('only at the end of a long run: before, they wait beside those that work', () => {
  const cases = [quick('a'), limited('b'), quick('c'), quick('d'), quick('e'), late('f')];
  expect(order(cases, 1, 1)).toEqual(['a', 'b', 'f', 'c', 'd', 'e']);
});

test('what shares a proxy process or is large begins first, and each run of a case has its number', () => {
  expect(order([quick('a'), inLane('b'), late('c')], 2, 1)).toEqual(['b', 'b#2', 'c', 'c#2', 'a', 'a#2']);
  expect(order([quick('a'), quick('b'), quick('c'), quick('d'), quick('e'), large('f')], 1, 1)).toEqual([
    'f',
    'a',
    'b',
    'c',
    'd',
    'e',
  ]);
});
