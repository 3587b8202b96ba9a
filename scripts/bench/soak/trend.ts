/** A measurement and when it was taken. */
export type Sample = { atS: number; value: number };

/**
 * Theil and Sen's slope in value per second: the median of the slopes of all pairs. The sawtooth of a garbage collector,
 * whose last tooth would bend a least-squares line, leaves it alone. 0 of fewer than two samples.
 */
export function slopePerSecond(samples: readonly Sample[]): number {
  const slopes: number[] = [];
  for (const [index, a] of samples.entries()) {
    for (const b of samples.slice(index + 1)) {
      if (b.atS !== a.atS) slopes.push((b.value - a.value) / (b.atS - a.atS));
    }
  }
  return median(slopes) ?? 0;
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
