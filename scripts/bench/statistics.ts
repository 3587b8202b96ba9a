export type Values = readonly (number | null)[];

/** Of the values there are; null when there is none. */
export function median(values: Values): number | null {
  const sorted = present(values).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * The median of the ratios of each round. A slow second of the machine falls on both of a round, so this is steadier than
 * the ratio of the medians.
 */
export function pairedRatio(values: Values, others: Values): number | null {
  // A difference at or below zero is noise, and so is a ratio made of it.
  return median(paired(values, others, (a, b) => (a >= 0 && b > 0 ? a / b : null)));
}

/** The median of the differences of each round. */
export function pairedDifference(values: Values, others: Values): number | null {
  return median(paired(values, others, (a, b) => a - b));
}

/** Nearest rank: the least value that `share` (0 to 1) of all values do not exceed. `sorted` ascends and is not empty. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1]!;
}

function paired(a: Values, b: Values, combine: (a: number, b: number) => number | null): (number | null)[] {
  return a.slice(0, b.length).map((value, round) => {
    const other = b[round] ?? null;
    return value === null || other === null ? null : combine(value, other);
  });
}

const present = (values: Values): number[] => values.filter((value) => value !== null);
