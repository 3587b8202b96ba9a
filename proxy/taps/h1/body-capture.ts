/** What a connection may still hold of captured bodies; shared by its exchanges so that pipelining cannot multiply it. */
export type CaptureBudget = { bytesLeft: number };

/** Keeps copies of the first bytes of one body. */
export type BodyCapture = {
  add(piece: Buffer): void;
  /** Null when nothing was captured. */
  base64(): string | null;
  readonly truncated: boolean;
  /** Give back what was taken from the budget. */
  release(): void;
};

export function createBodyCapture(maxBytes: number, budget: CaptureBudget): BodyCapture {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let truncated = false;
  return {
    add(piece) {
      const room = Math.min(maxBytes - bytes, budget.bytesLeft);
      if (piece.length > room) truncated = true;
      if (room <= 0) return;
      const kept = Buffer.from(piece.subarray(0, room));
      pieces.push(kept);
      bytes += kept.length;
      budget.bytesLeft -= kept.length;
    },
    base64: () => (bytes === 0 ? null : Buffer.concat(pieces, bytes).toString('base64')),
    get truncated() {
      return truncated;
    },
    release() {
      budget.bytesLeft += bytes;
      bytes = 0;
      pieces.length = 0;
    },
  };
}
