import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { seededChunk, seededPieces } from './seeded-body.ts';

describe('seeded body', () => {
  it('gives the same bytes however it is cut', () => {
    const whole = seededChunk(7, 0, 10_000);
    for (const piece of [1, 3, 4, 17, 4096]) {
      expect(Buffer.concat([...seededPieces(10_000, 7, piece)]).equals(whole), `pieces of ${piece}`).toBe(
        true,
      );
    }
    expect(seededChunk(7, 4_321, 77).equals(whole.subarray(4_321, 4_398))).toBe(true);
  });

  it('is pinned, because two programs of different releases must agree', () => {
    expect(seededChunk(1, 0, 8).toString('hex')).toBe('8f5cef2fed3b6550');
    expect(
      createHash('sha256')
        .update(seededChunk(42, 0, 100_000))
        .digest('hex'),
    ).toBe('329b8e3cc5c84e6e9dec1c63d51fdbc57a02ac4074fc70668aee768c797cd289');
  });

  it('differs by seed and does not repeat itself', () => {
    expect(seededChunk(1, 0, 64).equals(seededChunk(2, 0, 64))).toBe(false);
    expect(gzipSync(seededChunk(1, 0, 65_536)).length).toBeGreaterThan(65_000);
  });

  it('makes nothing of zero bytes', () => {
    expect([...seededPieces(0, 1)]).toEqual([]);
    expect(seededChunk(1, 5, 0).length).toBe(0);
  });
});
