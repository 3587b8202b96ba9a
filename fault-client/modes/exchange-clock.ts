import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import type { ClientSpec, MeasuredExchange } from '../../protos/control/fault-client.ts';

type Times = Omit<MeasuredExchange, 'complete'>;

export type ExchangeClock = {
  /** Call it at the start of an exchange, and what it gives back at the end. */
  start(): () => Times;
  close(): void;
};

/** Its files stay open: what measures a busy machine is not to be its load, and opening them anew cost twice the reading. */
export function exchangeClock(measure: NonNullable<ClientSpec['measure']>): ExchangeClock {
  const { cpuOfPids = [], waitOfPids = [] } = measure;
  const threads = opened(cpuOfPids.flatMap(threadsOf));
  const waiting = opened(
    [...new Set([...cpuOfPids, ...waitOfPids, process.pid])].map((pid) => schedstat(pid)),
  );
  return {
    start: () => {
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
    },
    close: () => {
      for (const file of [...threads, ...waiting]) closeSync(file);
    },
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

/** Without those that are gone already, and all of them elsewhere than on Linux. */
function opened(paths: string[]): number[] {
  return paths.flatMap((path) => {
    try {
      return [openSync(path, 'r')];
    } catch {
      return [];
    }
  });
}

const ranNs = (file: number): number | null => field(file, 0);
const waitedNs = (file: number): number | null => field(file, 1);

/** Three numbers of at most 20 digits. */
const line = Buffer.allocUnsafe(64);

/** Null for a thread that is gone. */
function field(file: number, index: number): number | null {
  try {
    const bytes = readSync(file, line, 0, line.length, 0);
    return Number(line.toString('latin1', 0, bytes).split(' ')[index]);
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
