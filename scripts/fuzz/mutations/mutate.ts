import type { FuzzTarget, Grammar, Step } from '../../../protos/testing/fuzz-target.ts';
import { few, pick, type Random, whole } from '../random.ts';
import { byteCount } from '../transcript.ts';
import { byteMutations, type Mutation, type Sources } from './bytes.ts';
import { h2Mutations } from './h2.ts';
import { lengthMutations } from './lengths.ts';
import { textMutations } from './text.ts';

/** An input no longer than this; what grows beyond is cut. Limits above it have tests of their own beside the decoders. */
export const maxInputBytes = 12_000;
const maxSteps = 60;

const byGrammar: Readonly<Record<Grammar, readonly (readonly Mutation[])[]>> = {
  bytes: [byteMutations],
  text: [byteMutations, textMutations, textMutations],
  lengths: [byteMutations, lengthMutations],
  http1: [byteMutations, textMutations, textMutations, textMutations],
  h2: [byteMutations, h2Mutations, h2Mutations, h2Mutations],
};

/** A transcript near `parent`: some of its bytes changed, or its order, or parts of it and of another. */
export function mutate(
  target: FuzzTarget,
  parent: readonly Step[],
  pool: readonly (readonly Step[])[],
  random: Random,
): Step[] {
  const steps = parent.map(({ from, bytes }) => ({ from, bytes }));
  const other = (): Buffer => {
    const theirs = pick(random, pool);
    return theirs.length === 0 ? Buffer.alloc(0) : pick(random, theirs).bytes;
  };
  const sources: Sources = { random, other, words: target.words ?? [] };
  for (let count = few(random, 6); count > 0; count--) {
    if (steps.length === 0 || random() < orderShare(target)) reorder(target, steps, pool, random);
    else {
      const step = pick(random, steps);
      step.bytes = pick(random, pick(random, byGrammar[target.grammar]))(step.bytes, sources);
    }
  }
  return fitted(steps);
}

/** How often the order of steps changes and not their bytes; a transcript of one unit has none. */
function orderShare(target: FuzzTarget): number {
  return target.sides.length === 2 ? 0.25 : 0.05;
}

function reorder(
  target: FuzzTarget,
  steps: Step[],
  pool: readonly (readonly Step[])[],
  random: Random,
): void {
  const at = whole(random, steps.length + 1);
  const step = steps[at];
  switch (whole(random, 6)) {
    case 0:
      steps.splice(at, 1);
      break;
    case 1:
      if (step) steps.splice(whole(random, steps.length), 0, { ...step });
      break;
    case 2:
      if (step) {
        steps.splice(at, 1);
        steps.splice(whole(random, steps.length + 1), 0, step);
      }
      break;
    case 3:
      if (step && target.sides.length === 2) step.from = step.from === 0 ? 1 : 0;
      break;
    case 4: {
      // The other side comes in the middle.
      const middle = whole(random, (step?.bytes.length ?? 0) + 1);
      if (step)
        steps.splice(
          at,
          1,
          { from: step.from, bytes: step.bytes.subarray(0, middle) },
          ...steps.splice(at + 1, 1),
          { from: step.from, bytes: step.bytes.subarray(middle) },
        );
      break;
    }
    default: {
      const theirs = pick(random, pool);
      const from = whole(random, theirs.length);
      steps.splice(at, random() < 0.5 ? 0 : steps.length, ...theirs.slice(from).map((one) => ({ ...one })));
    }
  }
}

function fitted(steps: Step[]): Step[] {
  const kept = steps.slice(0, maxSteps);
  for (let excess = byteCount(kept) - maxInputBytes; excess > 0; ) {
    const last = kept.at(-1)!;
    const cut = Math.min(excess, last.bytes.length);
    last.bytes = last.bytes.subarray(0, last.bytes.length - cut);
    excess -= cut;
    if (last.bytes.length === 0) kept.pop();
  }
  return kept;
}
