/** Numbers in [0, 1) from a seed: `seededRandom` of protos/shaping. */
export type Random = () => number;

/** 0 to `below` - 1. */
export function whole(random: Random, below: number): number {
  return Math.floor(random() * below);
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[whole(random, list.length)]!;
}

/** Small far more often than large, at most `most`: 1 in half of the cases. */
export function few(random: Random, most: number): number {
  let count = 1;
  while (count < most && random() < 0.5) count++;
  return count;
}
