import type { CaseInstance } from '../load/catalog.ts';
import type { ScenarioShape } from './scenario-shape.ts';

/** What cases with the three programs have and a scenario does not: it is never planned or run as one of those. */
const none: Pick<CaseInstance, 'upstream' | 'expect'> = { upstream: 'refused', expect: { records: [] } };

/** A scenario among the cases, so that it is selected, listed and reported as they are. It runs only when it is asked for. */
export function scenarioInstance(
  { tid, title, scenario, expect }: ScenarioShape,
  place: { area: string; file: string; line: number; pointer: string },
): CaseInstance {
  return {
    ...structuredClone(none),
    ...place,
    tid,
    title,
    base: tid,
    tags: ['scenario'],
    variables: {},
    scenario: { id: scenario, finding: expect.finding },
  };
}
