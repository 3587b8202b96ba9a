import { totalmem } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { startHealth } from './health.ts';

function monitor() {
  const health = startHealth();
  onTestFinished(() => health.stop());
  return health;
}

test('work that blocks the event loop is a delay and CPU time', async () => {
  const health = monitor();
  const before = process.threadCpuUsage();
  while (busyMs(before) < 60);
  while (health.read().event_loop_delay_max_ms === 0) await turn();
  // A timer of 5 ms may have had them still to go, and a histogram keeps three digits.
  const { event_loop_delay_max_ms: max, event_loop_delay_p99_ms: p99 } = health.read();
  expect(max).toBeGreaterThanOrEqual(60 - 5 - 1);
  expect(p99).toBeLessThanOrEqual(max);
  expect(health.read().event_loop_cpu_max_ms).toBeGreaterThanOrEqual(60);
});

test('a thread that was held up and did nothing has a delay and no CPU time', async () => {
  const before = process.threadCpuUsage();
  const health = monitor();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
  while (health.read().event_loop_delay_max_ms === 0) await turn();
  expect(health.read().event_loop_delay_max_ms).toBeGreaterThanOrEqual(60 - 5 - 1);
  expect(health.read().event_loop_cpu_max_ms).toBeLessThanOrEqual(busyMs(before));
});

function busyMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

test('a pause of the garbage collector is counted', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const health = monitor();
  collect();
  // Node tells at the next turn of the loop.
  while (health.read().gc_pause_count === 0) await turn();
  expect(health.read().gc_pause_max_ms).toBeGreaterThan(0);
});

test('memory is in bytes and CPU in seconds', () => {
  const { rss_max_bytes, cpu_user_s, cpu_system_s } = monitor().read();
  // The kernel brings its high-water mark up to date now and then only.
  expect(rss_max_bytes).toBeGreaterThan(process.memoryUsage.rss() / 2);
  expect(rss_max_bytes).toBeLessThan(totalmem());
  const { user, system } = process.cpuUsage();
  expect(cpu_user_s + cpu_system_s).toBeGreaterThan(0);
  expect(cpu_user_s).toBeLessThanOrEqual(user / 1e6);
  expect(cpu_system_s).toBeLessThanOrEqual(system / 1e6);
});

test('the most connections at once are kept when they are gone', () => {
  const { connections, read } = monitor();
  connections.opened();
  connections.opened();
  connections.closed();
  connections.opened();
  connections.closed();
  connections.closed();
  expect(read().connections_open_max).toBe(2);
});
