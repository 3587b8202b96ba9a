/** Result of waiting for a slot: `release` must be called once; null when the limit passed or the wait was given up. */
export type Slot = { release: () => void; waitedMs: number } | null;

export type Slots = {
  /** First come, first served. `limitMs` 0 waits without limit. `giveUp` is handed a function that ends the wait. */
  take(limitMs: number, giveUp: (cancel: () => void) => void): Slot | Promise<Slot>;
};

/** The connections a listener serves at the same time. */
export function createSlots(max: number): Slots {
  let taken = 0;
  const queue = new Set<() => void>();

  const release = (): void => {
    taken -= 1;
    const next = queue.values().next();
    if (!next.done) {
      queue.delete(next.value);
      next.value();
    }
  };
  const occupy = (waitedMs: number): Slot => {
    taken += 1;
    let released = false;
    return {
      waitedMs,
      release: () => {
        if (!released) {
          released = true;
          release();
        }
      },
    };
  };

  return {
    take(limitMs, giveUp) {
      if (taken < max) return occupy(0);
      const startedAt = performance.now();
      return new Promise<Slot>((resolve) => {
        let timer: NodeJS.Timeout | undefined;
        const granted = (): void => {
          clearTimeout(timer);
          resolve(occupy(performance.now() - startedAt));
        };
        const stop = (): void => {
          if (queue.delete(granted)) {
            clearTimeout(timer);
            resolve(null);
          }
        };
        queue.add(granted);
        if (limitMs > 0) timer = setTimeout(stop, limitMs);
        giveUp(stop);
      });
    },
  };
}
