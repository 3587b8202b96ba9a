import { readdirSync, readFileSync } from 'node:fs';
import type { ClientSpec, MeasuredExchange } from '../../protos/control/fault-client.ts';

type Times = Omit<MeasuredExchange, 'complete'>;

/** Call it at the start of an exchange, and what it gives back at the end. */
export function exchangeClock(measure: NonNullable<ClientSpec['measure']>): () => () => Times {
  const { cpuOfPids = [], waitOfPids = [] } = measure;
  const threads = cpuOfPids.flatMap(threadsOf);
  const waiting = [...new Set([...cpuOfPids, ...waitOfPids, process.pid])].map((pid) => schedstat(pid));
  return () => {
    const ran = threads.map(ranNs);
    const waited = waiting.map(waitedNs);
    const startedMs = now();
    return () => {
      const duration_ms = now() - startedMs;
      const runs = differences(threads.map(ranNs), ran);
      const waits = differences(waiting.map(waitedNs), waited);
      return {
        started_ms: startedMs,
        duration_ms,
        cpu_ms: runs.length === 0 ? null : Math.max(...runs) / 1e6,
        waited_ms: waits.reduce((sum, ns) => sum + ns, 0) / 1e6,
      };
    };
  };
}

/** Linux, Documentation/scheduler/sched-stats: nanoseconds on a processor, nanoseconds waiting for one. */
function schedstat(pid: number, thread: number | string = pid): string {
  return `/proc/${pid}/task/${thread}/schedstat`;
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => schedstat(pid, thread));
  } catch {
    return [];
  }
}

const ranNs = (path: string): number | null => field(path, 0);
const waitedNs = (path: string): number | null => field(path, 1);

/** Null for a thread that is gone, and where the kernel does not count. */
function field(path: string, index: number): number | null {
  try {
    return Number(readFileSync(path, 'latin1').split(' ')[index]);
  } catch {
    return null;
  }
}

function differences(after: (number | null)[], before: (number | null)[]): number[] {
  return after.flatMap((value, at) => {
    const earlier = before[at] ?? null;
    return value === null || earlier === null ? [] : [value - earlier];
  });
}

/** Epoch milliseconds with a fraction; steady when the wall clock is set. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
