import { seededRandom } from '../../protos/shaping/random.ts';
import type { FuzzTarget, Step } from '../../protos/testing/fuzz-target.ts';
import { minimise } from './minimise.ts';
import { mutate } from './mutations/mutate.ts';
import { createNovelty } from './novelty.ts';
import { pick, type Random, whole } from './random.ts';
import { everySplit, type Split, someSplits } from './splits.ts';
import { merged } from './transcript.ts';
import { examine, type Finding } from './trial.ts';

/** A finding with the smallest input that shows it. */
export type Found = Finding & { steps: Step[] };

export type HuntOptions = {
  seed: number;
  /** Inputs to begin with beside the target's own seeds. */
  corpus?: readonly (readonly Step[])[];
  /** Asked before each input, with the number of decodings so far. */
  goesOn: (executions: number) => boolean;
  found: (finding: Found) => void;
  /** Told before each input is decoded: who watches knows on what it hangs. */
  trying?: (steps: readonly Step[]) => void;
};

export type HuntResult = {
  /** Decodings. */
  executions: number;
  /** Inputs that showed something new, in the order they were found. */
  kept: Step[][];
};

/** More defects than these in one decoder are one evening's work already. */
const maxFindings = 8;
/** The pool forgets its middle, not what it began with. */
const maxPool = 2000;

/** Looks for findings in one target until it may not go on. The same seed and corpus give the same inputs. */
export function hunt(target: FuzzTarget, options: HuntOptions): HuntResult {
  const random = seededRandom(options.seed);
  const novelty = createNovelty();
  const pool: Step[][] = [];
  const kept: Step[][] = [];
  const signatures = new Set<string>();
  let executions = 0;

  /** Whether the result was new. */
  const examineOne = (steps: readonly Step[], splits: Iterable<Split>): boolean => {
    options.trying?.(steps);
    const { decoded, finding } = examine(target, merged(steps), splits, () => executions++);
    if (finding === null) return novelty.isNew(decoded.value);
    if (!signatures.has(finding.signature)) {
      signatures.add(finding.signature);
      options.found(smallest(target, steps, finding, options));
    }
    return false;
  };

  for (const steps of [...target.seeds(), ...(options.corpus ?? [])]) {
    if (!options.goesOn(executions)) return { executions, kept };
    examineOne(steps, everySplit(steps, random));
    pool.push([...steps]);
  }
  while (options.goesOn(executions) && signatures.size < maxFindings) {
    const steps = mutate(target, chosen(pool, random), pool, random);
    if (!examineOne(steps, someSplits(steps, random))) continue;
    // What is new is worth every way of cutting it.
    if (target.cuts) examineOne(steps, everySplit(steps, random));
    kept.push(steps);
    pool.push(steps);
    if (pool.length > maxPool) pool.splice(whole(random, maxPool / 2) + maxPool / 4, 1);
  }
  return { executions, kept };
}

/** What was found late is where new ground begins: half of the time one of the last. */
function chosen(pool: readonly Step[][], random: Random): Step[] {
  return random() < 0.5 ? pick(random, pool) : pick(random, pool.slice(-32));
}

function smallest(target: FuzzTarget, steps: readonly Step[], finding: Finding, options: HuntOptions): Found {
  const again = (candidate: readonly Step[]): Finding | null => {
    options.trying?.(candidate);
    // The same ways of cutting for the same bytes, whatever was tried before.
    return examine(target, merged(candidate), everySplit(candidate, seededRandom(1))).finding;
  };
  if (again(steps)?.signature !== finding.signature) return { ...finding, steps: [...steps] };
  const small = minimise(steps, (candidate) => again(candidate)?.signature === finding.signature);
  return { ...(again(small) ?? finding), steps: small };
}
