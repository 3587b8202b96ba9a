import type { CaseInstance } from '../load/catalog.ts';
import type { Evidence } from '../run/evidence.ts';
import { holds } from '../verify/verify.ts';
import { type Falsification, mutantsOf } from './mutants.ts';

/** A green case, and another whose records are tried in its place. */
export type Task = {
  instance: CaseInstance;
  evidence: Evidence;
  sibling: Evidence | null;
  timeScale: number;
};

/** What became of a case's falsifications: `possible` counts also those a large case leaves out. */
export type Verdict = { killed: number; survivors: Falsification[]; possible: number };

/** Judges the falsifications of one case with the verifier that judged the truth. */
export function judge({ instance, evidence, sibling, timeScale }: Task): Verdict {
  const { mutants, possible } = mutantsOf(evidence, sibling);
  const survivors: Falsification[] = [];
  let killed = 0;
  for (const { records, ...falsification } of mutants) {
    if (holds(instance, { ...evidence, records }, timeScale)) survivors.push(falsification);
    else killed++;
  }
  return { killed, survivors, possible };
}
