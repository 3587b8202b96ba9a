import { median, type Sample, slopePerSecond } from './trend.ts';

export type Observed = {
  /** Connections asked for, and those still open at the end. */
  asked: number;
  held: number;
  answered: number;
  failures: number;
  /** Resident set of the proxy while all connections were held; times count from the end of the ramp-up. */
  rss: readonly Sample[];
  delayMaxMs: number | null;
  /** The part of such a delay that was the proxy's own work. */
  cpuMaxMs: number | null;
  /** Records of each kind in the file, and lines the proxy gave up. */
  eventRecords: number;
  dropped: number | null;
};

export type Finding = { goal: string; ok: boolean; found: string };

export const DELAY_GOAL_MS = 50;
/** How much a flat resident set may rise from its settling to its end. */
export const FLAT_SHARE = 0.05;
/** Caches fill and code is compiled for this share of the hold; it is not judged. */
export const SETTLING_SHARE = 0.2;

/** Every goal with what was found; the soak passes when all are ok. */
export function judge(seen: Observed): Finding[] {
  const { settledBytes, perMinute, growth } = memory(seen.rss);
  return [
    {
      goal: 'every connection is held to the end',
      ok: seen.held === seen.asked,
      found: `${seen.held} of ${seen.asked}`,
    },
    {
      goal: 'no request or connection fails',
      ok: seen.failures === 0 && seen.answered > 0,
      found: `${seen.answered} answered, ${seen.failures} failures`,
    },
    {
      goal: `the resident set is flat: its trend (Theil-Sen, after ${SETTLING_SHARE * 100} % of the hold) adds at most ${FLAT_SHARE * 100} % until the end`,
      ok: settledBytes !== null && growth <= settledBytes * FLAT_SHARE,
      found:
        settledBytes === null
          ? 'not measured'
          : `${megabytes(settledBytes)} settled, ${sign(perMinute / 1e6)} MB a minute, ${sign((growth / settledBytes) * 100)} %`,
    },
    {
      goal: `no event-loop delay over ${DELAY_GOAL_MS} ms, ramp-up and ending included`,
      ok: seen.delayMaxMs !== null && seen.delayMaxMs <= DELAY_GOAL_MS,
      found: delay(seen.delayMaxMs, seen.cpuMaxMs),
    },
    {
      goal: 'every request has its record and no record is dropped',
      ok: seen.eventRecords === seen.answered && seen.dropped === 0,
      found: `${seen.eventRecords} exchanges recorded, ${seen.dropped ?? '?'} records dropped`,
    },
  ];
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/** A wall clock cannot tell a busy proxy from a busy machine; the CPU clock of the loop's thread can. */
function delay(maxMs: number | null, cpuMaxMs: number | null): string {
  if (maxMs === null) return 'no stop record';
  const found = `${maxMs.toFixed(1)} ms at worst`;
  if (maxMs <= DELAY_GOAL_MS || cpuMaxMs === null) return found;
  const own = `the proxy's own work never took more than ${cpuMaxMs.toFixed(1)} ms of CPU at a stretch`;
  return `${found}; ${own}${cpuMaxMs <= DELAY_GOAL_MS ? ', the rest was waiting for a busy machine' : ''}`;
}

const sign = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(2)}`;

function memory(rss: readonly Sample[]) {
  const endS = rss.at(-1)?.atS ?? 0;
  const judged = rss.filter((sample) => sample.atS >= endS * SETTLING_SHARE);
  const slope = slopePerSecond(judged);
  const first = judged.slice(0, Math.ceil(judged.length / 5)).map((sample) => sample.value);
  return {
    settledBytes: judged.length < 5 ? null : median(first),
    perMinute: slope * 60,
    growth: slope * (endS - (judged[0]?.atS ?? 0)),
  };
}
