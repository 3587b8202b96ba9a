/**
 * The right to begin a handshake: at once for the first few of a turn of the event loop, in a later turn for the rest. A
 * handshake costs a millisecond or two of processor time; of a thousand ClientHellos that come together the loop would do
 * nothing else for a second, and every other connection would wait for all of them.
 */
export function handshakeTurn(): Promise<void> | null {
  if (left > 0) {
    left--;
    renew();
    return null;
  }
  return new Promise((resolve) => {
    waiting.push(resolve);
  });
}

const perTurn = 4;
const keptTurns = 1024;
let left = perTurn;
let renewing = false;
/** First come, first served; taken from `next` on. */
let waiting: (() => void)[] = [];
let next = 0;

function renew(): void {
  if (renewing) return;
  renewing = true;
  setImmediate(() => {
    renewing = false;
    left = perTurn;
    while (left > 0 && next < waiting.length) {
      left--;
      waiting[next++]!();
    }
    // Under a load that never lets up those who had their turn would be kept for ever.
    if (next === waiting.length || next >= keptTurns) {
      waiting = waiting.slice(next);
      next = 0;
    }
    if (left < perTurn) renew();
  });
}
