/**
 * `--ci`: works and floors so wide that a busy machine never strikes them, but a proxy that lost its way does. The blind
 * relay of the same run is the measure, since HAProxy is not everywhere.
 */
import { pairedRatio } from './statistics.ts';
import { names } from './subjects/stack.ts';
import type { Figure, Verdict } from './types.ts';

export const ciWorks = ['small', 'large', 'connections'];
export const ciEffort = 0.25;
export const ciRounds = 3;

/** Least ratio of the recording proxy's throughput to that of the blind relay. */
export const floors: Record<string, number> = { small: 0.2, large: 0.3, connections: 0.3 };

export function judgeFloors(figures: readonly Figure[], works: readonly string[]): Verdict[] {
  return works
    .filter((work) => work in floors)
    .map((work): Verdict => {
      const find = (subject: string) =>
        figures.find((f) => f.work === work && f.subject === subject && f.metric === 'throughput');
      const [own, blind] = [find(names.proxy), find(names.blind)];
      const ratio = own && blind ? pairedRatio(own.values, blind.values) : null;
      const goal = `${work}: throughput >= ${floors[work]} x ${names.blind}`;
      // A floor that nobody measured has not been kept.
      if (ratio === null) return { goal, met: false, measured: 'not measured' };
      return { goal, met: ratio >= floors[work]!, measured: `${ratio.toFixed(2)} x ${names.blind}` };
    })
    .sort((a, b) => Number(a.met) - Number(b.met));
}
