import type { Step } from '../../protos/testing/fuzz-target.ts';
import { byteCount } from './transcript.ts';

/**
 * The smallest transcript found that still `fails`: without steps, without ranges of bytes, with plain bytes. Asks at most
 * `tries` times; what is given back has been asked.
 */
export function minimise(
  input: readonly Step[],
  fails: (steps: readonly Step[]) => boolean,
  tries = 3000,
): Step[] {
  let best = [...input];
  let left = tries;
  const take = (steps: Step[]): boolean => {
    if (left <= 0) return false;
    left--;
    if (!fails(steps)) return false;
    best = steps;
    return true;
  };
  for (let before = Number.POSITIVE_INFINITY; left > 0 && sizeOf(best) < before; ) {
    before = sizeOf(best);
    dropSteps(() => best, take);
    for (let index = 0; index < best.length; index++) dropRanges(() => best, index, take);
  }
  for (let index = 0; index < best.length && left > 0; index++) plainBytes(() => best, index, take);
  return best;
}

type Take = (steps: Step[]) => boolean;

function sizeOf(steps: readonly Step[]): number {
  return byteCount(steps) + steps.length;
}

function dropSteps(best: () => Step[], take: Take): void {
  for (let size = Math.ceil(best().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best().length; ) {
      if (!take(best().toSpliced(at, size))) at += size;
    }
  }
}

function dropRanges(best: () => Step[], index: number, take: Take): void {
  const bytes = () => best()[index]?.bytes ?? Buffer.alloc(0);
  for (let size = Math.ceil(bytes().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < bytes().length; ) {
      const shorter = Buffer.concat([bytes().subarray(0, at), bytes().subarray(at + size)]);
      if (!take(withBytes(best(), index, shorter))) at += size;
    }
  }
}

/** A letter or a zero says: this byte does not matter. */
function plainBytes(best: () => Step[], index: number, take: Take): void {
  for (let at = 0; at < best()[index]!.bytes.length; at++) {
    const { bytes } = best()[index]!;
    if (bytes[at] === 0 || bytes[at] === 0x61) continue;
    for (const plain of [0x61, 0]) {
      const changed = Buffer.from(bytes);
      changed[at] = plain;
      if (take(withBytes(best(), index, changed))) break;
    }
  }
}

function withBytes(steps: readonly Step[], index: number, bytes: Buffer): Step[] {
  return steps.with(index, { from: steps[index]!.from, bytes });
}
