export type ActivityTimer = {
  /** A byte moved. Costs a clock reading, no timer is touched. */
  touch(): void;
  stop(): void;
};

/**
 * Call `expired` when no byte moved for the limit that holds. One timer per connection: it wakes at least every
 * `shortestMs`, since the limit may have become shorter with the last byte, and sleeps on for what is left.
 */
export function startActivityTimer(
  shortestMs: number,
  currentLimitMs: () => number,
  expired: (limitMs: number) => void,
): ActivityTimer {
  let lastByteAt = performance.now();
  let timer: NodeJS.Timeout;
  const wake = (): void => {
    const limitMs = currentLimitMs();
    const leftMs = lastByteAt + limitMs - performance.now();
    if (leftMs <= 0) {
      expired(limitMs);
      return;
    }
    // Node cuts the fraction off: one more millisecond, so that the timer does not wake just before the limit.
    timer = setTimeout(wake, Math.min(leftMs, shortestMs) + 1);
  };
  timer = setTimeout(wake, shortestMs + 1);
  return {
    touch: () => {
      lastByteAt = performance.now();
    },
    stop: () => clearTimeout(timer),
  };
}
