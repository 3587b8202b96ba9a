import type { CaseInstance } from '../load/catalog.ts';
import type { Evidence } from '../run/evidence.ts';
import { verify } from '../verify/verify.ts';
import type { Equivalents } from './equivalents.ts';
import { type Mutant, mutantsOf } from './mutants.ts';

export type GreenCase = { instance: CaseInstance; evidence: Evidence };

export type Score = {
  killed: number;
  survived: number;
  equivalent: number;
  /** Survivors by kind, mutation and field, most frequent first. */
  survivors: { group: string; count: number; example: string }[];
  /** Surviving falsifications by case. */
  byCase: Map<string, number>;
};

/** Judges every falsification of every green case with the verifier that judged the truth. */
export function score(cases: GreenCase[], equivalents: Equivalents, timeScale: number): Score {
  const groups = new Map<string, { count: number; example: string }>();
  const byCase = new Map<string, number>();
  let [killed, survived, equivalent] = [0, 0, 0];
  for (const [index, { instance, evidence }] of cases.entries()) {
    for (const mutant of mutantsOf(evidence, siblingOf(cases, index))) {
      if (verify(instance, mutant.evidence, timeScale).length > 0) killed++;
      else if (equivalents.reasonOf(mutant) !== null) equivalent++;
      else {
        survived++;
        byCase.set(instance.tid, (byCase.get(instance.tid) ?? 0) + 1);
        const group = groupOf(mutant);
        const known = groups.get(group);
        if (known) known.count++;
        else groups.set(group, { count: 1, example: `${instance.tid}: ${mutant.seen.slice(0, 200)}` });
      }
    }
  }
  const survivors = [...groups].map(([group, entry]) => ({ group, ...entry }));
  survivors.sort((left, right) => right.count - left.count);
  return { killed, survived, equivalent, survivors, byCase };
}

function groupOf({ kind, mutation, field }: Mutant): string {
  return [kind, mutation, field].filter((part) => part !== '').join(' · ');
}

/** The next case that used the same listener, else the next one. */
function siblingOf(cases: GreenCase[], index: number): Evidence | null {
  const own = cases[index]!.evidence;
  const others = [...cases.slice(index + 1), ...cases.slice(0, index)];
  return (
    (others.find(({ evidence }) => evidence.listener.name === own.listener.name) ?? others[0])?.evidence ??
    null
  );
}
