import { expect, test } from 'vitest';
import { judge, type Observed } from './judge.ts';

const MB = 1e6;

/** Ten minutes, a sample every 5 s. */
const rss = (bytesAt: (minute: number) => number) =>
  Array.from({ length: 121 }, (_, index) => ({ atS: index * 5, value: bytesAt(index / 12) }));

const good: Observed = {
  asked: 11_000,
  held: 11_000,
  answered: 600_000,
  failures: 0,
  rss: rss(() => 1000 * MB),
  delayMaxMs: 20,
  cpuMaxMs: 15,
  eventRecords: 600_000,
  dropped: 0,
};

const missed = (change: Partial<Observed>) =>
  judge({ ...good, ...change })
    .filter(({ ok }) => !ok)
    .map(({ goal, found }) => `${goal.split(/[:,]/)[0]}: ${found}`);

test('a good run misses nothing', () => {
  expect(missed({})).toEqual([]);
});

test('each goal is missed by what is against it alone', () => {
  expect(missed({ held: 10_999 })).toEqual(['every connection is held to the end: 10999 of 11000']);
  expect(missed({ failures: 1 })).toEqual(['no request or connection fails: 600000 answered, 1 failures']);
  expect(missed({ eventRecords: 599_999 })).toEqual([
    'every request has its record and no record is dropped: 599999 exchanges recorded, 0 records dropped',
  ]);
  expect(missed({ dropped: 3 })).toHaveLength(1);
  expect(missed({ dropped: null })).toHaveLength(1);
  expect(missed({ answered: 0, eventRecords: 0 })).toHaveLength(1);
});

test('a delay over 50 ms is missed, whoever it was, and the CPU time tells who', () => {
  expect(missed({ delayMaxMs: 50 })).toEqual([]);
  expect(missed({ delayMaxMs: 51, cpuMaxMs: 60 })).toEqual([
    "no event-loop delay over 50 ms: 51.0 ms at worst; the proxy's own work never took more than 60.0 ms of CPU at a stretch",
  ]);
  expect(missed({ delayMaxMs: 51, cpuMaxMs: 12 })[0]).toMatch(/the rest was waiting for a busy machine$/);
  expect(missed({ delayMaxMs: null })).toEqual(['no event-loop delay over 50 ms: no stop record']);
});

test('memory that settles in the first fifth is flat', () => {
  expect(missed({ rss: rss((minute) => (900 + 100 * Math.min(1, minute)) * MB) })).toEqual([]);
  expect(missed({ rss: rss((minute) => (1000 + ((minute * 17) % 60)) * MB) })).toEqual([]);
});

test('memory that rises all the time by more than a twentieth is not', () => {
  expect(missed({ rss: rss((minute) => (1000 + 6 * minute) * MB) })).toEqual([]);
  expect(missed({ rss: rss((minute) => (1000 + 7 * minute) * MB) })).toEqual([
    'the resident set is flat: 1020 MB settled, +7.00 MB a minute, +5.49 %',
  ]);
});

test('memory that was not measured is not flat', () => {
  expect(missed({ rss: [] })).toEqual(['the resident set is flat: not measured']);
});
