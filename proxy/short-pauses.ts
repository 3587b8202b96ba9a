import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * Has the garbage collector of this process keep it waiting for less at a time: a proxy is noticed by its pauses. What each
 * part bought with 9,900 connections is in scripts/bench/README.md.
 */
export function keepPausesShort(): void {
  for (const flag of flagsOf(Number.parseInt(process.versions.v8, 10))) setFlagsFromString(flag);
  keepYoungGenerationSmall();
  for (const thread of helperThreads()) setPriority(thread, HELPER_NICENESS);
}

/** V8 says so on stderr when it does not know a flag: each is for the versions it was tried with. */
function flagsOf(v8: number): string[] {
  // Memory outside the heap that has grown by 64 MiB, which sockets do, makes V8 mark for 5 to 10 ms at every ArrayBuffer
  // from then on: twenty reads in a turn of the loop were 150 ms. With the flag it counts towards the next collection.
  const known = v8 === 13 || v8 === 14 ? ['--external-memory-accounted-in-global-limit'] : [];
  // Once traffic calms down V8 13 compacts the whole heap to give memory back: 79 ms in one piece.
  return v8 === 13 ? [...known, '--no-memory-reducer-favors-memory'] : known;
}

/**
 * Two halves of 8 MiB. Every full collection moves what lives in the young generation in one piece, and V8 lets it grow to
 * 64 MiB.
 */
const YOUNG_BYTES = 16 * 2 ** 20;

function keepYoungGenerationSmall(): void {
  const observer = new PerformanceObserver(() => {
    const { space_size } = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')!;
    if (space_size < YOUNG_BYTES) return;
    // The flag that sets the largest size is read before the first line of a program; this one at every growth.
    setFlagsFromString('--semi-space-growth-factor=1');
    observer.disconnect();
  });
  observer.observe({ entryTypes: ['gc'] });
}

/**
 * Four threads mark beside the event loop. On two cores that left it a fifth of them: it waited 30 to 90 ms for its turn,
 * with nothing in its way but them. Much lower, and they do not finish in time, which the event loop then does for them.
 */
const HELPER_NICENESS = 2;

/** Linux alone has priorities of threads; Node names them since 24. */
function helperThreads(): number[] {
  try {
    return readdirSync('/proc/self/task')
      .filter((thread) => /V8Worker/.test(readFileSync(`/proc/self/task/${thread}/comm`, 'latin1')))
      .map(Number);
  } catch {
    return [];
  }
}
