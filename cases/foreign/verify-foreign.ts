import type { CaseInstance } from '../load/catalog.ts';
import type { Evidence } from '../run/evidence.ts';
import type { AttemptResult } from '../run/results.ts';
import { checkTransparency } from '../transparency/transparency.ts';
import { caseView } from '../verify/case-view.ts';
import { checkExpectations } from '../verify/expectations.ts';
import { toldExpectations } from './told-expectations.ts';
import { toldFindings } from './told-invariants.ts';

/**
 * Judges an attempt on a proxy whose records are those of 1.50: what they tell as it stands, what they do not tell not at all.
 * Without a verdict when the records cannot be given to the clients of the case.
 */
export function verifyForeign(
  instance: CaseInstance,
  evidence: Evidence,
  timeScale: number,
  trace?: (line: string) => void,
): Pick<AttemptResult, 'failures' | 'untold' | 'ambiguous'> {
  const ambiguous = evidence.correlation?.ambiguous ?? null;
  for (const { connId, client, rule } of evidence.correlation?.connections ?? [])
    trace?.(`connection ${connId}: ${client ?? 'no client'}${rule === null ? '' : `, by ${rule}`}`);
  if (ambiguous !== null) return { failures: [], ambiguous };
  const { expect, untold } = toldExpectations(instance.expect, evidence);
  const failures = checkExpectations({ ...instance, expect }, evidence, timeScale, trace);
  for (const { name, mismatches } of toldFindings(instance, evidence, trace))
    for (const { path, expected, seen } of mismatches)
      failures.push({ rule: `invariant.${name}`, path, expected, seen });
  if (isPaired(instance, evidence)) failures.push(...checkTransparency(instance, evidence));
  return { failures, untold };
}

/** Whether each connection has its client, its socket and what the server saw of it, so that it can be held against another. */
function isPaired(instance: CaseInstance, evidence: Evidence): boolean {
  const { connections } = caseView(instance, evidence);
  const known = connections.filter(({ server }) => server !== null).length;
  return known === evidence.connections.length && connections.every(({ client }) => client !== null);
}
