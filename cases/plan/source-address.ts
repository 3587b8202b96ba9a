/**
 * The n-th source address (n from 0) of a run: 127.16.0.1, 127.16.0.2, … One per client of an attempt, so that a
 * connection names its case even when it dies before its first byte. Null where only 127.0.0.1 can be bound.
 */
export function sourceAddress(n: number, platform: string = process.platform): string | null {
  if (platform !== 'linux') return null;
  const host = n + 1;
  const second = 16 + Math.floor(host / 65_536);
  if (second > 254) throw new RangeError('a run has at most 15 million attempts');
  return `127.${second}.${(host >> 8) & 255}.${host & 255}`;
}
