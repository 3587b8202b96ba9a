import { readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * Has the garbage collector of this process keep it waiting for less at a time: a proxy is noticed by its pauses. What each
 * part bought with 9,900 connections is in scripts/bench/README.md. Call it once the program is loaded: compiled code that
 * Node keeps is for the flags it was compiled under.
 */
export function keepPausesShort(): void {
  for (const flag of flagsOf(process.versions.v8)) setFlagsFromString(flag);
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''];
  if (!given.some((options) => options.includes('semi-space') || options.includes('semi_space')))
    keepYoungGenerationSmall();
  makeHelpersGiveWay();
}

/** V8 says so on stderr when it does not know a flag: each is for the versions it was tried with, of Node 24 and 26. */
function flagsOf(v8: string): string[] {
  // Memory outside the heap that has grown by 64 MiB, which sockets do, makes V8 mark for 5 to 10 ms at every ArrayBuffer
  // from then on: twenty reads in a turn of the loop were 150 ms. With the flag it counts towards the next collection.
  const known = /^1[34]\.6\./.test(v8) ? ['--external-memory-accounted-in-global-limit'] : [];
  // Once traffic calms down V8 13 compacts the whole heap to give memory back: 79 ms in one piece.
  return v8.startsWith('13.6.') ? [...known, '--no-memory-reducer-favors-memory'] : known;
}

/** Of each half of the young generation: every full collection moves what lives there in one piece. V8 lets it grow to 32 MiB. */
const HALF_BYTES = 8 * 2 ** 20;

function keepYoungGenerationSmall(): void {
  let grows = true;
  new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')!;
    // A page's head is no room; the next size below is half of it. It shrinks again when little is going on.
    const mayGrow = young.space_used_size + young.space_available_size < 0.9 * HALF_BYTES;
    if (mayGrow === grows) return;
    grows = mayGrow;
    // The flag that sets the largest size is read before the first line of a program; this one at every growth.
    setFlagsFromString(`--semi-space-growth-factor=${grows ? 2 : 1}`);
  }).observe({ entryTypes: ['gc'] });
}

/**
 * Four threads mark beside the event loop. On two cores that left it a fifth of them: it waited 30 to 90 ms for its turn,
 * with nothing in its way but them. Much lower, and they do not finish in time, which the event loop then does for them.
 */
const HELPER_NICENESS = 2;

function makeHelpersGiveWay(): void {
  const niceness = Math.min(constants.priority.PRIORITY_LOW, getPriority() + HELPER_NICENESS);
  for (const thread of ownThreads()) {
    try {
      // Node names them since 24.
      const name = readFileSync(`/proc/self/task/${thread}/comm`, 'latin1');
      if (name.includes('V8Worker')) setPriority(Number(thread), niceness);
    } catch {
      // It has ended, or a sandbox forbids it: the pauses are longer then, and nothing else.
    }
  }
}

/** Linux alone has priorities of threads. */
function ownThreads(): string[] {
  try {
    return readdirSync('/proc/self/task');
  } catch {
    return [];
  }
}
