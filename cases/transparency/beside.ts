import type { PlannedCase, PlannedListener } from '../plan/plan.ts';
import type { Evidence } from '../run/evidence.ts';
import type { DirectOptions, DirectRuns } from './direct-run.ts';
import { unexplained } from './transparency.ts';

/**
 * How often a case is run without the proxy at most. What two ends do to each other at the same moment ends now one way, now
 * another without any proxy: only what is never so without it is a difference.
 */
const mostLooks = 5;

/** Runs the counterpart of a case beside its attempt, and again while the two are not alike; the evidence of the attempt gets all. */
export async function withDirect<End extends { end: string } & ({ evidence: Evidence } | { text: string })>(
  direct: DirectRuns,
  planned: PlannedCase,
  listener: PlannedListener,
  options: DirectOptions,
  attempted: Promise<End>,
): Promise<End> {
  const [end, first] = await Promise.all([attempted, direct.run(planned, listener, options)]);
  if (!('evidence' in end)) return end;
  end.evidence.direct = first;
  if ('group' in first || end.end !== 'settled') return end;
  for (let look = 2; look <= mostLooks; look++) {
    if (unexplained(planned.instance, end.evidence).length === 0) break;
    const owner = `${options.owner}, look ${look}`;
    const again = await direct.run(planned, listener, { ...options, owner });
    if ('looks' in again && again.looks[0]!.missing.length === 0) first.looks.push(...again.looks);
  }
  return end;
}
