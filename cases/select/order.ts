import { UsageError } from '../exit-codes.ts';

/** The i-th of n shards, 1-based, dealt like cards so that every shard gets a share of each area. */
export function shard<Item>(items: Item[], text: string): Item[] {
  const parts = /^(\d+)\/(\d+)$/.exec(text);
  const index = Number(parts?.[1]);
  const total = Number(parts?.[2]);
  if (!parts || index < 1 || index > total) {
    throw new UsageError(`--shard ${text}: write i/n with 1 <= i <= n, for example 1/3`);
  }
  return items.filter((_item, position) => position % total === index - 1);
}

/** Fisher-Yates over a seeded generator: the same seed gives the same order on every machine. */
export function shuffle<Item>(items: Item[], seed: number): Item[] {
  const shuffled = [...items];
  const random = mulberry32(seed);
  for (let index = shuffled.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
  }
  return shuffled;
}

/** A 32-bit generator of the mulberry family, numbers in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
