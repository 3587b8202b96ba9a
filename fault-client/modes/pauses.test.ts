import { afterEach, expect, test, vi } from 'vitest';
import { pauses } from './pauses.ts';

afterEach(() => vi.restoreAllMocks());

/** What the timers were asked for, without waiting. */
async function asked(
  interval: { intervalMs?: number; intervalMaxMs?: number },
  count: number,
): Promise<number[]> {
  const waits: number[] = [];
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((done: () => void, ms: number) => {
    waits.push(ms);
    done();
  }) as unknown as typeof setTimeout);
  const pause = pauses({ target: '', proto: 'h2', ...interval });
  for (let index = 0; index < count; index++) await pause();
  return waits;
}

test('without an interval nothing is waited for', async () => {
  expect(await asked({}, 3)).toEqual([]);
});

test('an interval alone stays as it is', async () => {
  expect(await asked({ intervalMs: 5 }, 3)).toEqual([5, 5, 5]);
});

test('with a maximum the pauses grow to it and no further', async () => {
  const waits = await asked({ intervalMs: 1, intervalMaxMs: 10 }, 300);
  expect(waits[0]).toBe(1);
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits.filter((ms) => ms < 10)).toHaveLength(117);
  expect(waits.at(-1)).toBe(10);
});
