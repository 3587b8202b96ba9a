import type { Socket } from 'node:net';

/**
 * Write a chunk whose bytes change after the call. Returns what `write` returns.
 *
 * TLS encrypts within the call when no write is under way, so that nothing need be kept; else the bytes are copied, into
 * buffers that come back when they are written.
 */
export function writeCopy(stream: Socket, encrypts: boolean, chunk: Buffer): boolean {
  if (encrypts && stream.writableLength === 0) return stream.write(chunk);
  // A small one is copied by itself: kept in a whole buffer each, records of one byte would cost 16,000 times their content.
  if (chunk.length < smallBytes || chunk.length > copyBytes) return stream.write(Buffer.from(chunk));
  const copy = spare.pop() ?? newCopy();
  chunk.copy(copy.bytes);
  return stream.write(copy.bytes.subarray(0, chunk.length), copy.release);
}

type Copy = { bytes: Buffer; release: () => void };

/** A TLS record's content. */
const copyBytes = 16 * 1024;
const smallBytes = 2 * 1024;
const maxSpare = 512;
const spare: Copy[] = [];

function newCopy(): Copy {
  const copy: Copy = {
    bytes: Buffer.allocUnsafeSlow(copyBytes),
    release: () => {
      if (spare.length < maxSpare) spare.push(copy);
    },
  };
  return copy;
}
