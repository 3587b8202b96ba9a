import { expect, test } from 'vitest';
import { median, pairedDifference, pairedRatio, percentile } from './statistics.ts';

test('a median is the middle one, or between the two in the middle, of those that were measured', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([null, 5, null])).toBe(5);
  expect(median([10, 9, 100])).toBe(10);
  expect(median([])).toBeNull();
  expect(median([null])).toBeNull();
});

test('a ratio is taken within each round, so that a slow round falls on both', () => {
  // The medians are 50 and 100; every round says 1 or 2.
  expect(pairedRatio([50, 200, 10], [50, 100, 5])).toBe(2);
  expect(pairedRatio([1, null, 3], [2, 2, null])).toBe(0.5);
  expect(pairedRatio([1], [])).toBeNull();
});

test('no ratio is made of noise below zero or of nothing', () => {
  expect(pairedRatio([-5], [10])).toBeNull();
  expect(pairedRatio([5], [-10])).toBeNull();
  expect(pairedRatio([5], [0])).toBeNull();
  expect(pairedRatio([-5, 30], [10, 10])).toBe(3);
});

test('a difference is taken within each round', () => {
  expect(pairedDifference([10, 30, 20], [1, 2, 3])).toBe(17);
  expect(pairedDifference([10, null], [null, 1])).toBeNull();
});

test('a percentile is by nearest rank', () => {
  // The example of ISO 3534 texts and of Wikipedia's "Percentile": 15 20 35 40 50.
  const sorted = [15, 20, 35, 40, 50];
  expect([0.05, 0.3, 0.4, 0.5, 1].map((share) => percentile(sorted, share))).toEqual([15, 20, 20, 35, 50]);
  const thousand = Array.from({ length: 1000 }, (_, n) => n + 1);
  expect(percentile(thousand, 0.99)).toBe(990);
  expect(percentile(thousand, 0.999)).toBe(999);
  expect(percentile([7], 0.999)).toBe(7);
});
