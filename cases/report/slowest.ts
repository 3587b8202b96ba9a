type Timed = { tid: string; durationMs: number; status: string };

const shown = 10;

/** The ten cases that took longest, slowest first; none of a run so short that all of it would be listed. */
export function slowest<Case extends Timed>(cases: Case[]): Case[] {
  const ran = cases.filter(({ status }) => status !== 'skipped' && status !== 'not-run');
  if (ran.length <= shown) return [];
  return ran.toSorted((left, right) => right.durationMs - left.durationMs).slice(0, shown);
}
