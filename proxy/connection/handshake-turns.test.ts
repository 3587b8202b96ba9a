import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { handshakeTurn } from './handshake-turns.ts';

test('a few begin at once, the rest in their order, a few in each turn of the event loop', async () => {
  await nextTurn();
  const begun: number[] = [];
  for (let n = 0; n < 11; n++) {
    const turn = handshakeTurn();
    if (turn === null) begun.push(n);
    else void turn.then(() => begun.push(n));
  }
  const seen = [begun.length];
  while (begun.length < 11) {
    await nextTurn();
    await nextTurn();
    seen.push(begun.length);
  }
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(seen[0]).toBe(4);
  for (const [at, count] of seen.entries()) if (at > 0) expect(count - seen[at - 1]!).toBeLessThanOrEqual(8);
  await nextTurn();
  await nextTurn();
  expect(handshakeTurn()).toBeNull();
});
