import type { Health } from '../protos/records/records.ts';

/** What one worker measured, and the process it ran in: threads share one. */
export type WorkerHealth = Health & { pid: number };

/**
 * The figures of a proxy of several workers. A connection feels the worker it is in, so of delays the worst counts; a
 * percentile of all samples cannot be had from percentiles, and the worst one is never too good. The peaks of workers
 * need not have come at the same moment, so their sum is a bound from above. Memory and CPU are per process.
 */
export function mergeHealth(workers: readonly WorkerHealth[]): Health {
  const processes = [...Map.groupBy(workers, (worker) => worker.pid).values()];
  const worst = (name: keyof Health): number => Math.max(0, ...workers.map((worker) => worker[name]));
  const total = (name: keyof Health): number => workers.reduce((sum, worker) => sum + worker[name], 0);
  /** Every thread tells the whole of its process, the one that told last the most. */
  const totalOfProcesses = (name: keyof Health): number =>
    processes.reduce((sum, threads) => sum + Math.max(...threads.map((thread) => thread[name])), 0);
  return {
    event_loop_delay_max_ms: worst('event_loop_delay_max_ms'),
    event_loop_delay_p99_ms: worst('event_loop_delay_p99_ms'),
    event_loop_cpu_max_ms: worst('event_loop_cpu_max_ms'),
    gc_pause_count: total('gc_pause_count'),
    gc_pause_max_ms: worst('gc_pause_max_ms'),
    rss_max_bytes: totalOfProcesses('rss_max_bytes'),
    cpu_user_s: totalOfProcesses('cpu_user_s'),
    cpu_system_s: totalOfProcesses('cpu_system_s'),
    connections_open_max: total('connections_open_max'),
  };
}
