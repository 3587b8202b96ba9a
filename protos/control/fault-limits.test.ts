import { expect, test } from 'vitest';
import { choosesConnection, choosesRequest, divideParameters } from './fault-limits.ts';

const chosenOf = (limits: Parameters<typeof choosesConnection>[0], connections: number) =>
  Array.from({ length: connections }, (_, at) => at + 1).filter((n) => choosesConnection(limits, n));

test('connections are chosen by number', () => {
  expect(chosenOf({}, 3)).toEqual([1, 2, 3]);
  expect(chosenOf({ first: 2 }, 5)).toEqual([1, 2]);
  expect(chosenOf({ nth: 3 }, 5)).toEqual([3]);
  expect(chosenOf({ first: 2, nth: 3 }, 5)).toEqual([]);
});

test('a probability is kept over many connections, and a seed repeats it', () => {
  expect(chosenOf({ probability: 0 }, 100)).toEqual([]);
  expect(chosenOf({ probability: 1 }, 100)).toHaveLength(100);
  for (const seed of [1, 2, 77]) {
    const chosen = chosenOf({ probability: 0.3, seed }, 10_000);
    expect(chosen.length).toBeGreaterThan(2700);
    expect(chosen.length).toBeLessThan(3300);
    expect(chosenOf({ probability: 0.3, seed }, 10_000)).toEqual(chosen);
  }
  expect(chosenOf({ probability: 0.5, seed: 1 }, 64)).not.toEqual(
    chosenOf({ probability: 0.5, seed: 2 }, 64),
  );
});

test('requests are chosen by tid, by bytes and by frames', () => {
  const request = { path: '/x?a=1&tid=mine', bytes: 100, frames: 5 };
  expect(choosesRequest({ tid: 'mine' }, request)).toBe(true);
  expect(choosesRequest({ tid: 'min' }, request)).toBe(false);
  expect(choosesRequest({ tid: 'mine' }, { ...request, path: '/x?stid=mine' })).toBe(false);
  expect(choosesRequest({ after_bytes: 100 }, request)).toBe(true);
  expect(choosesRequest({ after_bytes: 101 }, request)).toBe(false);
  expect(choosesRequest({ after_frames: 5 }, request)).toBe(true);
  expect(choosesRequest({ after_frames: 6 }, request)).toBe(false);
});

test('the words of a command line are divided', () => {
  expect(divideParameters({ code: '7', nth: '3' }, ['code'])).toEqual({
    params: { code: '7' },
    only: { nth: '3' },
  });
  expect(divideParameters({ seed: '7' }, ['seed'])).toEqual({ params: { seed: '7' }, only: {} });
  expect(divideParameters({ seed: '7', probability: '0.5' }, ['seed'])).toEqual({
    params: { seed: '7' },
    only: { seed: '7', probability: '0.5' },
  });
  expect(divideParameters({ sede: '7' }, ['seed'])).toEqual({ params: { sede: '7' }, only: {} });
});
