import type { CaseInstance } from '../load/catalog.ts';
import type { Evidence } from '../run/evidence.ts';
import type { Failure } from '../run/results.ts';
import { checkTransparency } from '../transparency/transparency.ts';
import { type CaseView, caseView, type Invariant } from './case-view.ts';
import { checkExpectations } from './expectations.ts';
import { invariants } from './invariants/all.ts';
import type { Mismatch } from './match.ts';
import { checkMeasured } from './measured.ts';

/** Everything that is wrong with an attempt: the case's own expectations and the invariants every case must keep. */
export function verify(
  instance: CaseInstance,
  evidence: Evidence,
  timeScale: number,
  trace?: (line: string) => void,
): Failure[] {
  const failures = [
    ...checkExpectations(instance, evidence, timeScale, trace),
    ...checkMeasured(instance, evidence, trace),
  ];
  const { bystander, twin } = evidence.measurement ?? {};
  for (const [whose, own] of [
    ['', evidence],
    ['bystander ', bystander],
    ['twin ', twin],
  ] as const) {
    if (!own) continue;
    const view = caseView(instance, own);
    for (const { name, check } of invariants) {
      const broken = judged(check, view);
      trace?.(`${whose}invariant.${name}: ${broken.length === 0 ? 'holds' : `${broken.length} broken`}`);
      for (const { path, expected, seen } of broken)
        failures.push({ rule: `${whose}invariant.${name}`, path, expected, seen });
    }
  }
  failures.push(...checkTransparency(instance, evidence));
  return failures;
}

/** Whether nothing is wrong: the same judgement, which stops at the first failure. */
export function holds(instance: CaseInstance, evidence: Evidence, timeScale: number): boolean {
  const view = caseView(instance, evidence);
  return (
    invariants.every(({ check }) => judged(check, view).length === 0) &&
    checkExpectations(instance, evidence, timeScale).length === 0
  );
}

/** Records may hold anything: what a rule cannot read is a failure, not the end of the run. */
function judged(check: Invariant['check'], view: CaseView): Mismatch[] {
  try {
    return check(view);
  } catch (error) {
    return [{ path: '', expected: 'records that can be judged', seen: String(error) }];
  }
}
