import type { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Write and wait until the bytes are in the kernel (for TLS: in the raw socket's hands). */
export function writeAll(socket: Writable, bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

/**
 * Each piece its own TCP segment: no Nagle on the socket, and the next piece is written only after the kernel took the
 * one before and the event loop has polled, which only the second turn proves: the peer can read in between. No timers.
 */
export async function writePieces(socket: Writable, pieces: Iterable<Uint8Array>): Promise<void> {
  let first = true;
  for (const piece of pieces) {
    if (!first) await nextTurn();
    first = false;
    await writeAll(socket, piece);
    await nextTurn();
  }
}

/** Cut at byte offsets; offsets outside the bytes are ignored. */
export function cutAt(bytes: Buffer, offsets: readonly number[]): Buffer[] {
  const cuts = [...new Set(offsets)].filter((at) => at > 0 && at < bytes.length).sort((a, b) => a - b);
  const pieces: Buffer[] = [];
  let from = 0;
  for (const at of [...cuts, bytes.length]) {
    pieces.push(bytes.subarray(from, at));
    from = at;
  }
  return pieces;
}
