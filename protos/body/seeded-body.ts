/**
 * Deterministic bodies: both ends of a connection make the same bytes from a seed and compare SHA-256 instead of content.
 * The byte at an offset depends on the seed and the offset alone, so that any piece can be made without the ones before it.
 */

/** Bytes per piece when a body is made piece by piece. */
export const SEEDED_PIECE_BYTES = 16_384;

/** `length` bytes of the body of `seed`, from byte `offset` on. */
export function seededChunk(seed: number, offset: number, length: number): Buffer {
  const firstWord = Math.floor(offset / 4);
  const wordCount = Math.ceil((offset + length) / 4) - firstWord;
  const words = new Int32Array(wordCount);
  const base = mix32(seed | 0);
  for (let i = 0; i < wordCount; i++) words[i] = mix32(base + Math.imul(firstWord + i, GOLDEN));
  const bytes = Buffer.from(words.buffer);
  // The body is defined in little-endian words.
  if (isBigEndian) bytes.swap32();
  const skip = offset - firstWord * 4;
  return bytes.subarray(skip, skip + length);
}

/** The first `bytes` bytes of the body of `seed`, in pieces of at most `pieceBytes`. */
export function* seededPieces(
  bytes: number,
  seed = 1,
  pieceBytes = SEEDED_PIECE_BYTES,
): Generator<Buffer, void, undefined> {
  for (let offset = 0; offset < bytes; offset += pieceBytes) {
    yield seededChunk(seed, offset, Math.min(pieceBytes, bytes - offset));
  }
}

const isBigEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;

/** 2^32 divided by the golden ratio: consecutive counters become far apart before they are mixed. */
const GOLDEN = 0x9e3779b9 | 0;

/** The 32-bit finalizer of MurmurHash3: every input bit reaches every output bit. */
function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
