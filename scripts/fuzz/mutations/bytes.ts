import { few, pick, type Random, whole } from '../random.ts';

/** What a mutation may draw on beside its own bytes. */
export type Sources = {
  random: Random;
  /** Bytes of another input of the same target. */
  other(): Buffer;
  words: readonly string[];
};
export type Mutation = (bytes: Buffer, sources: Sources) => Buffer;

const bytesThatMatter = [0, 1, 2, 3, 4, 5, 8, 9, 10, 13, 16, 32, 63, 64, 126, 127, 128, 129, 254, 255];
const numbersThatMatter = [
  0, 1, 2, 3, 127, 128, 255, 256, 16383, 16384, 16385, 32767, 32768, 65535, 65536, 0xff_ffff, 0x7fff_ffff,
  0x8000_0000, 0xffff_ffff,
];

/** Mutations that know nothing of the bytes. */
export const byteMutations: readonly Mutation[] = [
  flipBit,
  setByte,
  insert,
  remove,
  repeat,
  overwriteNumber,
  truncate,
  moveRange,
  spliceOther,
];

export function replaced(bytes: Buffer, start: number, end: number, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, start), by, bytes.subarray(end)]);
}

/** A range of at most `most` bytes, short more often than long. */
export function range(random: Random, bytes: Buffer, most = 64): [start: number, end: number] {
  const start = whole(random, bytes.length + 1);
  const length = random() < 0.7 ? few(random, 8) : whole(random, most);
  return [start, Math.min(bytes.length, start + length)];
}

function flipBit(bytes: Buffer, { random }: Sources): Buffer {
  const changed = Buffer.from(bytes);
  if (bytes.length > 0) changed[whole(random, bytes.length)]! ^= 1 << whole(random, 8);
  return changed;
}

function setByte(bytes: Buffer, { random }: Sources): Buffer {
  const changed = Buffer.from(bytes);
  if (bytes.length > 0)
    changed[whole(random, bytes.length)] =
      random() < 0.6 ? pick(random, bytesThatMatter) : whole(random, 256);
  return changed;
}

function insert(bytes: Buffer, { random }: Sources): Buffer {
  const added = Buffer.alloc(few(random, 12), 0);
  for (let at = 0; at < added.length; at++)
    added[at] = random() < 0.5 ? pick(random, bytesThatMatter) : whole(random, 256);
  const at = whole(random, bytes.length + 1);
  return replaced(bytes, at, at, added);
}

function remove(bytes: Buffer, { random }: Sources): Buffer {
  const [start, end] = range(random, bytes);
  return replaced(bytes, start, end, Buffer.alloc(0));
}

function repeat(bytes: Buffer, { random }: Sources): Buffer {
  const [start, end] = range(random, bytes, 256);
  const times = random() < 0.95 ? few(random, 6) : 1 + whole(random, 200);
  const part = bytes.subarray(start, end);
  const room = Math.floor(8192 / Math.max(1, part.length));
  return replaced(bytes, end, end, Buffer.concat(Array(Math.min(times, room)).fill(part)));
}

function overwriteNumber(bytes: Buffer, { random }: Sources): Buffer {
  const width = pick(random, [1, 2, 3, 4]);
  if (bytes.length < width) return bytes;
  const changed = Buffer.from(bytes);
  const at = whole(random, bytes.length - width + 1);
  const near = bytes.length - at - width;
  const value = pick(random, [
    ...numbersThatMatter,
    near,
    near + 1,
    near - 1,
    changed.readUIntBE(at, width) + 1,
  ]);
  changed.writeUIntBE(Math.max(0, value) % 256 ** width, at, width);
  return changed;
}

function truncate(bytes: Buffer, { random }: Sources): Buffer {
  return Buffer.from(bytes.subarray(0, whole(random, bytes.length + 1)));
}

function moveRange(bytes: Buffer, { random }: Sources): Buffer {
  const [start, end] = range(random, bytes);
  const part = Buffer.from(bytes.subarray(start, end));
  const rest = replaced(bytes, start, end, Buffer.alloc(0));
  const at = whole(random, rest.length + 1);
  return replaced(rest, at, at, part);
}

function spliceOther(bytes: Buffer, { random, other }: Sources): Buffer {
  const theirs = other();
  const [start, end] = range(random, theirs, theirs.length + 1);
  const at = whole(random, bytes.length + 1);
  return replaced(bytes, at, random() < 0.5 ? at : bytes.length, theirs.subarray(start, end));
}
