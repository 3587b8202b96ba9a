/** What a process and its descendants have used, as Linux tells; null elsewhere. */
import { readdirSync, readFileSync } from 'node:fs';

/** Seconds of CPU, user and system. */
export function cpuSeconds(pid: number): number | null {
  return sumOver(pid, (id) => nanosecondsOf(id) / 1e9);
}

/** Resident memory in KiB. */
export function residentKib(pid: number): number | null {
  return sumOver(pid, (id) => {
    const status = readFileSync(`/proc/${id}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]);
  });
}

/** Time on a CPU of every thread: the same as utime + stime, but in nanoseconds and not in ticks of 10 ms. */
function nanosecondsOf(pid: number): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    } catch (error) {
      // A kernel without schedstat has ticks; a thread that has just ended has nothing to tell.
      if (thread === String(pid)) return ticksOf(pid);
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return sum;
}

function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command name before them may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 1e7;
}

function sumOver(pid: number, read: (pid: number) => number): number | null {
  try {
    return read(pid) + childrenOf(pid).reduce((sum, child) => sum + (sumOver(child, read) ?? 0), 0);
  } catch {
    // Not Linux, or the process has ended: throughput alone is reported.
    return null;
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
  } catch {
    return [];
  }
}
