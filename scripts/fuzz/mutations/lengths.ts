import { pick, whole } from '../random.ts';
import { type Mutation, replaced, type Sources } from './bytes.ts';

/**
 * Mutations for bytes behind lengths: TLS vectors, TLVs, length-prefixed messages. What could be a length is one whose bytes
 * are there.
 */
export const lengthMutations: readonly Mutation[] = [changeLength, growInside, growInside, cutInside];

type Prefix = { at: number; width: number; length: number };

/** A length that lies: by one, or that of nothing, or of all there is and more. */
function changeLength(bytes: Buffer, { random }: Sources): Buffer {
  const prefix = anyPrefix(bytes, random);
  if (prefix === null) return bytes;
  const { at, width, length } = prefix;
  const rest = bytes.length - at - width;
  const changed = Buffer.from(bytes);
  const lie = pick(random, [length + 1, length - 1, 0, rest, rest + 1, 256 ** width - 1]);
  changed.writeUIntBE(Math.max(0, lie) % 256 ** width, at, width);
  return changed;
}

/** More content, and every length around it that still fits told so: what follows is read as before. */
function growInside(bytes: Buffer, sources: Sources): Buffer {
  const { random, other } = sources;
  const prefix = anyPrefix(bytes, random);
  if (prefix === null) return bytes;
  const theirs = other();
  const start = whole(random, theirs.length + 1);
  const added = theirs.subarray(start, start + 1 + whole(random, 24));
  const at = prefix.at + prefix.width + whole(random, prefix.length + 1);
  return replaced(adjusted(bytes, prefix, added.length), at, at, added);
}

function cutInside(bytes: Buffer, { random }: Sources): Buffer {
  const prefix = anyPrefix(bytes, random);
  if (prefix === null || prefix.length === 0) return bytes;
  const at = prefix.at + prefix.width + whole(random, prefix.length);
  const count = 1 + whole(random, prefix.at + prefix.width + prefix.length - at);
  return replaced(adjusted(bytes, prefix, -count), at, at + count, Buffer.alloc(0));
}

function anyPrefix(bytes: Buffer, random: () => number): Prefix | null {
  for (let tries = 0; tries < 16; tries++) {
    const width = pick(random, [1, 2, 2, 3, 4]);
    if (bytes.length < width) continue;
    const at = whole(random, bytes.length - width + 1);
    const length = bytes.readUIntBE(at, width);
    if (length > 0 && at + width + length <= bytes.length) return { at, width, length };
  }
  return null;
}

/**
 * Every length before `at` whose content ends with that of `prefix` or with the bytes, changed by `delta`: the containers, and
 * now and then a byte that only looks like one.
 */
function adjusted(bytes: Buffer, prefix: Prefix, delta: number): Buffer {
  const changed = Buffer.from(bytes);
  const ends = [bytes.length, prefix.at + prefix.width + prefix.length];
  for (let at = 0; at <= prefix.at; at++) {
    for (const width of [3, 2, 1]) {
      if (at + width > prefix.at + prefix.width) continue;
      const length = bytes.readUIntBE(at, width);
      if (!ends.includes(at + width + length) || length + delta < 0) continue;
      changed.writeUIntBE((length + delta) % 256 ** width, at, width);
      at += width - 1;
      break;
    }
  }
  return changed;
}
