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

test('what blocks the event loop is seen, and its length not made longer', async () => {
  const health = monitor();
  let longestMs = 0;
  let turnStartedAt = performance.now();
  // The first firing of the timer has nothing to be compared with.
  while (health.read().event_loop_delay_max_ms < 30) {
    const until = performance.now() + 60;
    while (performance.now() < until);
    await turn();
    longestMs = Math.max(longestMs, performance.now() - turnStartedAt);
    turnStartedAt = performance.now();
  }
  const { event_loop_delay_max_ms: max, event_loop_delay_p99_ms: p99 } = health.read();
  // A turn starts by reading the clock in whole milliseconds, and the histogram keeps three digits.
  expect(max).toBeLessThan(longestMs * 1.001 + 2);
  expect(p99).toBeLessThanOrEqual(max);
});

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
