import { expect, test } from 'vitest';
import { median, slopePerSecond } from './trend.ts';

const line = (slope: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ atS: index * 5, value: 100 + slope * index * 5 }));

test('a straight line has its slope', () => {
  expect(slopePerSecond(line(2, 20))).toBeCloseTo(2);
  expect(slopePerSecond(line(-3, 2))).toBeCloseTo(-3);
});

test('one wild sample bends nothing', () => {
  const samples = line(0, 21);
  samples.at(-1)!.value = 1e9;
  expect(slopePerSecond(samples)).toBe(0);
});

test('a sawtooth on the level has hardly a slope, one on a rise that of the rise', () => {
  const saw = (rise: number) =>
    line(rise, 120).map(({ atS, value }, index) => ({ atS, value: value + (index % 7) * 10 }));
  expect(Math.abs(slopePerSecond(saw(0)))).toBeLessThan(0.01);
  expect(slopePerSecond(saw(1))).toBeCloseTo(1, 1);
});

test('too few samples have no slope', () => {
  expect(slopePerSecond([])).toBe(0);
  expect(slopePerSecond(line(5, 1))).toBe(0);
});

test('median', () => {
  expect([median([]), median([3]), median([9, 1, 5]), median([4, 1, 2, 3])]).toEqual([null, 3, 5, 2.5]);
});
