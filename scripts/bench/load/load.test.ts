import { expect, test } from 'vitest';
import { secondsOf } from './load.ts';

const summary = (finished: string, succeeded: number, ok: number) => `
finished in ${finished}, 29700.03 req/s, 30.05MB/s
requests: 10 total, 10 started, 10 done, ${succeeded} succeeded, ${10 - succeeded} failed, 0 errored, 0 timeout
status codes: ${ok} 2xx, 0 3xx, ${10 - ok} 4xx, 0 5xx
`;

test('reads the time h2load tells, in any of its units', () => {
  expect(secondsOf(summary('1.50s', 10, 10), 10)).toBe(1.5);
  expect(secondsOf(summary('336.70ms', 10, 10), 10)).toBeCloseTo(0.3367);
  expect(secondsOf(summary('900us', 10, 10), 10)).toBeCloseTo(0.0009);
});

test('a run with one bad answer has no figure', () => {
  expect(() => secondsOf(summary('1.50s', 9, 9), 10)).toThrow(/9 of 10 requests succeeded/);
  expect(() => secondsOf(summary('1.50s', 10, 9), 10)).toThrow(/9 of 10/);
  expect(() => secondsOf('', 10)).toThrow(/0 of 10/);
});
