import type { CaseInstance } from '../load/catalog.ts';
import type { Plan, PlannedCase } from '../plan/plan.ts';
import type { AttemptResult } from './results.ts';

/** One run of a case that is still to come. */
export type Item = {
  tid: string;
  planned: PlannedCase;
  attempts: AttemptResult[];
  /** In flight when a program died: runs alone the next time, so that a case that kills it is the only one to blame. */
  suspect: boolean;
};

/** The runs in the order in which they begin, so many at once. */
export function queueOf({ cases }: Pick<Plan, 'cases'>, repeatEach: number, workers: number): Item[] {
  // What has to follow one another begins first: the end of a run is not to wait for it alone.
  const inOrder = [...cases].sort((left, right) => Number(isOneOfFew(right)) - Number(isOneOfFew(left)));
  const queue = inOrder.flatMap((planned) =>
    repeatedTids(planned.instance.tid, repeatEach).map((tid) => ({
      tid,
      planned,
      attempts: [],
      suspect: false,
    })),
  );
  const last = queue.splice(Math.max(0, queue.length - workers * roundsAtTheEnd));
  last.sort((left, right) => Number(isPatient(right.planned)) - Number(isPatient(left.planned)));
  return [...queue, ...last];
}

/** The first run of a case has its name. */
export function repeatedTids(tid: string, times: number): string[] {
  return Array.from({ length: times }, (_unused, index) => (index === 0 ? tid : `${tid}#${index + 1}`));
}

/** A body so large that only few of them are sent at once. */
export function isLarge({ instance }: PlannedCase): boolean {
  return instance.tags.includes('large');
}

/** Each worker has about so many cases left when those that wait are begun before the others. */
const roundsAtTheEnd = 4;

function isOneOfFew(planned: PlannedCase): boolean {
  return typeof planned.instance.isolate === 'string' || isLarge(planned);
}

/** Takes its time on any machine, and no processor: a limit of the proxy, or an answer that comes late. */
function isPatient({ instance }: PlannedCase): boolean {
  const { listener, client, clients = [] } = instance;
  const hasLimit = Object.keys(listener?.policy ?? {}).some((name) => name.includes('timeout'));
  return hasLimit || [client, ...clients].some(isAnsweredLate);
}

function isAnsweredLate(client: CaseInstance['client']): boolean {
  return /[?&]t=/.test(client?.request?.path ?? '');
}
