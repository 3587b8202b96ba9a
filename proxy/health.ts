import { createHistogram, PerformanceObserver } from 'node:perf_hooks';
import type { Health } from '../protos/records/records.ts';
import { type ConnectionGauge, createConnectionGauge } from './connection-gauge.ts';

export type HealthMonitor = {
  /** For every listener to count in. */
  connections: ConnectionGauge;
  /** The figures since the start of the monitor (CPU and memory: of the process). */
  read(): Health;
  stop(): void;
};

/** How often the event loop is asked how late it is. Each asking wakes an idle process, which costs it 1 % of a core. */
const EVERY_MS = 5;

/**
 * Measures the thread it runs in; each worker has its own. Not by perf_hooks.monitorEventLoopDelay: its timer cannot tell
 * a busy proxy from a busy machine, and its `samplePerIteration` takes I/O callbacks for waiting (Node 24.21).
 */
export function startHealth(): HealthMonitor {
  const connections = createConnectionGauge();
  const late = createHistogram();
  let busiestUs = 0;
  let last = { ns: process.hrtime.bigint(), cpuUs: threadCpuUs() };
  const timer = setInterval(() => {
    const now = { ns: process.hrtime.bigint(), cpuUs: threadCpuUs() };
    // A histogram holds nothing below 1.
    late.record(Math.max(1, Number(now.ns - last.ns) - EVERY_MS * 1e6));
    busiestUs = Math.max(busiestUs, now.cpuUs - last.cpuUs);
    last = now;
  }, EVERY_MS).unref();
  const gc = { pauses: 0, maxMs: 0 };
  const observer = new PerformanceObserver((list) => {
    const entries = list.getEntries();
    gc.pauses += entries.length;
    for (const { duration } of entries) gc.maxMs = Math.max(gc.maxMs, duration);
  });
  observer.observe({ entryTypes: ['gc'] });

  return {
    connections,
    read() {
      const { user, system } = process.cpuUsage();
      return {
        event_loop_delay_max_ms: round(late.max / 1e6),
        event_loop_delay_p99_ms: round(late.percentile(99) / 1e6),
        event_loop_cpu_max_ms: round(busiestUs / 1000),
        gc_pause_count: gc.pauses,
        gc_pause_max_ms: round(gc.maxMs),
        rss_max_bytes: process.resourceUsage().maxRSS * 1024,
        cpu_user_s: user / 1e6,
        cpu_system_s: system / 1e6,
        connections_open_max: connections.max,
      };
    },
    stop() {
      clearInterval(timer);
      observer.disconnect();
    },
  };
}

function threadCpuUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000;
