/** Node reads up to 2 MiB of one socket before it looks at another: of tiny frames that is more than half a second of decoding. */
const turnMs = 2;
/** What is smaller cannot hold much, and is not worth two looks at the clock. */
const heavyBytes = 4096;
/** What a small chunk is taken for: 250 make a turn. A read of 64 KiB may hold 2,800 TLS records of one byte. */
const smallMs = turnMs / 250;

/** The rest that one direction of a connection takes when its bytes have kept the tap busy, so that everybody else gets a turn. */
export class DecodingRest {
  /** It goes on in the next turn of the event loop; until then its stream stays paused. */
  active = false;
  /** Milliseconds of decoding since it last rested. */
  #busyMs = 0;
  readonly #nowMs: () => number;
  readonly #nextTurn: (callback: () => void) => void;

  /** Milliseconds of a steady clock, and what calls back once the others had their turn. */
  constructor(nowMs: () => number = steadyMs, nextTurn = setImmediate as typeof queueMicrotask) {
    this.#nowMs = nowMs;
    this.#nextTurn = nextTurn;
  }

  /** To be told before and after a chunk is decoded; 0 for one that is not worth it. */
  begin(bytes: number): number {
    return bytes < heavyBytes ? 0 : this.#nowMs();
  }

  /** `startedMs` is what `begin` gave. True when it is time to rest. */
  isDue(startedMs: number): boolean {
    this.#busyMs += startedMs === 0 ? smallMs : this.#nowMs() - startedMs;
    return this.#busyMs >= turnMs && !this.active;
  }

  /** From now on the stream is to be paused; `over` is called when it may go on. */
  take(over: () => void): void {
    this.#busyMs = 0;
    this.active = true;
    this.#nextTurn(() => {
      this.active = false;
      over();
    });
  }
}

function steadyMs(): number {
  return performance.now();
}
