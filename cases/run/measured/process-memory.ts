import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** A process and everything it started, by /proc; just the process where that cannot be read. */
export function processTree(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of list('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // proc(5): after the name in brackets, which may hold anything, come the state and the parent.
    const stat = read(`/proc/${name}/stat`);
    const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const tree = [pid];
  for (const one of tree) {
    for (const [child, parent] of parents) if (parent === one) tree.push(child);
  }
  return tree;
}

/** Bytes of resident memory now; null elsewhere than on Linux. */
export function residentBytes(pids: readonly number[]): number | null {
  return sum(pids, 'VmRSS');
}

/** The most bytes of resident memory since `resetPeak`, or since the start where the kernel does not let it be reset. */
export function peakResidentBytes(pids: readonly number[]): number | null {
  return sum(pids, 'VmHWM');
}

/** proc(5), clear_refs: 5 sets the peak to what is resident now. */
export function resetPeak(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      writeFileSync(`/proc/${pid}/clear_refs`, '5');
    } catch {
      // Not ours, or not Linux: the peak then counts from the start, which is never too little.
    }
  }
}

function sum(pids: readonly number[], field: 'VmRSS' | 'VmHWM'): number | null {
  let bytes: number | null = null;
  for (const pid of pids) {
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(read(`/proc/${pid}/status`) ?? '')?.[1];
    if (kilobytes !== undefined) bytes = (bytes ?? 0) + Number(kilobytes) * 1024;
  }
  return bytes;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
