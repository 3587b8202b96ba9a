import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import type { Health } from '../protos/records/records.ts';
import { type ConnectionGauge, createConnectionGauge } from './connection-gauge.ts';

export type HealthMonitor = {
  /** For every listener to count in. */
  connections: ConnectionGauge;
  /** The figures since the start of the monitor (CPU and memory: of the process). */
  read(): Health;
  stop(): void;
};

/**
 * How often the event loop is asked how late it is. Each asking wakes an idle process: every millisecond costs 4 % of a
 * core, every 5 ms less than 1 %.
 */
const RESOLUTION_MS = 5;

/**
 * Measures the thread it runs in; each worker has its own. Node's `samplePerIteration` would wake nobody, but what runs
 * in I/O callbacks it takes for waiting (Node 24.21), and a proxy runs nowhere else.
 */
export function startHealth(): HealthMonitor {
  const connections = createConnectionGauge();
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const gc = { pauses: 0, maxMs: 0 };
  const observer = new PerformanceObserver((list) => {
    const entries = list.getEntries();
    gc.pauses += entries.length;
    for (const { duration } of entries) gc.maxMs = Math.max(gc.maxMs, duration);
  });
  observer.observe({ entryTypes: ['gc'] });
  delay.enable();

  return {
    connections,
    read() {
      const { user, system } = process.cpuUsage();
      return {
        event_loop_delay_max_ms: lateMs(delay.max),
        event_loop_delay_p99_ms: lateMs(delay.percentile(99)),
        gc_pause_count: gc.pauses,
        gc_pause_max_ms: round(gc.maxMs),
        rss_max_bytes: process.resourceUsage().maxRSS * 1024,
        cpu_user_s: user / 1e6,
        cpu_system_s: system / 1e6,
        connections_open_max: connections.max,
      };
    },
    stop() {
      delay.disable();
      observer.disconnect();
    },
  };
}

/** The histogram holds nanoseconds from one firing of the timer to the next, the time it was meant to take included. */
const lateMs = (ns: number): number => Math.max(0, round(ns / 1e6 - RESOLUTION_MS));

const round = (ms: number): number => Math.round(ms * 1000) / 1000;
