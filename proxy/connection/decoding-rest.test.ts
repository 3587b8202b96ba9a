import { expect, test } from 'vitest';
import { DecodingRest } from './decoding-rest.ts';

/** A rest with a clock set by hand and turns taken by hand; `decode` tells whether a rest began. */
function byHand() {
  let clockMs = 1000;
  const turns: (() => void)[] = [];
  const over: number[] = [];
  const rest = new DecodingRest(
    () => clockMs,
    (callback) => turns.push(callback),
  );
  const decode = (bytes: number, tookMs: number): boolean => {
    const startedMs = rest.begin(bytes);
    clockMs += tookMs;
    const due = rest.isDue(startedMs);
    if (due) rest.take(() => over.push(clockMs));
    return due;
  };
  return { rest, turns, over, decode, wait: (ms: number) => (clockMs += ms) };
}

test('two milliseconds of decoding are a turn, however many chunks they were; waiting is none', () => {
  const { rest, turns, over, decode, wait } = byHand();
  expect([decode(65_536, 0.75), decode(4096, 0.75)]).toEqual([false, false]);
  wait(1000);
  expect([decode(4096, 0.25), turns.length, rest.active]).toEqual([false, 0, false]);
  expect([decode(4096, 0.25), turns.length, rest.active]).toEqual([true, 1, true]);
  expect(over).toEqual([]);
  turns.shift()!();
  expect([rest.active, over.length]).toEqual([false, 1]);
});

test('after a rest the next turn is a whole one', () => {
  const { turns, decode } = byHand();
  expect(decode(65_536, 50)).toBe(true);
  turns.shift()!();
  expect([decode(65_536, 1.5), decode(65_536, 0.5)]).toEqual([false, true]);
});

test('what still comes while it rests asks for no second rest', () => {
  const { rest, turns, over, decode } = byHand();
  expect([decode(65_536, 3), decode(65_536, 3), decode(65_536, 3)]).toEqual([true, false, false]);
  expect(turns).toHaveLength(1);
  turns.shift()!();
  expect([rest.active, over.length]).toEqual([false, 1]);
  expect(decode(65_536, 0)).toBe(true);
});

test('small chunks are counted, not measured', () => {
  const { turns, decode } = byHand();
  for (let count = 1; count < 250; count++) expect(decode(4095, 5)).toBe(false);
  expect(decode(1, 0)).toBe(true);
  expect(turns).toHaveLength(1);
});
