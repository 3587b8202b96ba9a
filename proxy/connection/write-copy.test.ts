import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { writeCopy } from './write-copy.ts';

/** A stream with a write under way, which keeps what it is given. */
function busyStream(): { stream: Socket; kept: Buffer[] } {
  const kept: Buffer[] = [];
  const stream = { writableLength: 1, write: (bytes: Buffer) => kept.push(bytes) < 100 };
  return { stream: stream as unknown as Socket, kept };
}

test.each([1, 2047, 2048, 16_384, 20_000])('%i bytes that wait are a copy', (length) => {
  const { stream, kept } = busyStream();
  const chunk = Buffer.alloc(length, 1);
  writeCopy(stream, true, chunk);
  chunk.fill(2);
  expect(kept[0]!.equals(Buffer.alloc(length, 1))).toBe(true);
});

test('what waits takes no more than eight times its bytes, and a little for each piece', () => {
  const { stream, kept } = busyStream();
  for (const length of [...Array<number>(3000).fill(1), 2048, 5000])
    writeCopy(stream, true, Buffer.alloc(length));
  const buffers = new Set(kept.map(({ buffer }) => buffer));
  const held = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(held).toBeLessThan(3000 * 16 + 8 * 7048 + 65_536);
});
