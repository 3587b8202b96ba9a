import { expect, test } from 'vitest';
import { ciWorks, floors, judgeFloors } from './floors.ts';
import type { Figure } from './types.ts';
import { works } from './works/index.ts';

const throughput = (subject: string, values: Figure['values']): Figure => ({
  work: 'small',
  subject,
  metric: 'throughput',
  unit: 'requests/s',
  better: 'more',
  values,
});

test('every work of --ci exists and has a floor', () => {
  for (const work of ciWorks) {
    expect(works).toHaveProperty(work);
    expect(floors).toHaveProperty(work);
  }
});

test('only a proxy far below the blind relay falls through the floor', () => {
  const met = (ours: number) =>
    judgeFloors([throughput('wiretracer', [ours]), throughput('blind relay', [100])], ['small'])[0]!.met;
  expect(met(20)).toBe(true);
  expect(met(19.9)).toBe(false);
});

test('a floor that was not measured is not kept', () => {
  expect(judgeFloors([throughput('wiretracer', [100])], ['small'])[0]).toMatchObject({ met: false });
});
