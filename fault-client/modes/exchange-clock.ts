import { readdirSync, readFileSync } from 'node:fs';
import type { MeasuredExchange } from '../../protos/control/fault-client.ts';

type Times = Omit<MeasuredExchange, 'complete'>;

/** Call it at the start of an exchange, and what it gives back at the end. */
export function exchangeClock(pids: readonly number[]): () => () => Times {
  const threads = pids.flatMap(threadsOf);
  return () => {
    const before = threads.map(runNs);
    const startedMs = now();
    return () => {
      const duration_ms = now() - startedMs;
      const ran = threads.map((path, at) => difference(runNs(path), before[at]!));
      const known = ran.filter((ns) => ns !== null);
      const cpu_ms = known.length === 0 ? null : Math.max(...known) / 1e6;
      return { started_ms: startedMs, duration_ms, cpu_ms };
    };
  };
}

/** Linux, Documentation/scheduler/sched-stats: nanoseconds on a processor stand first. */
function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`);
  } catch {
    return [];
  }
}

/** Null for a thread that is gone, and where the kernel does not count. */
function runNs(path: string): number | null {
  try {
    return Number(readFileSync(path, 'latin1').split(' ', 1)[0]);
  } catch {
    return null;
  }
}

function difference(after: number | null, before: number | null): number | null {
  return after === null || before === null ? null : after - before;
}

/** Epoch milliseconds with a fraction; steady when the wall clock is set. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
