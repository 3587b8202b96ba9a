import { expect, test } from 'vitest';
import { mergeHealth, type WorkerHealth } from './health-merge.ts';

const one: WorkerHealth = {
  pid: 1,
  event_loop_delay_max_ms: 10,
  event_loop_delay_p99_ms: 4,
  event_loop_cpu_max_ms: 9,
  gc_pause_count: 3,
  gc_pause_max_ms: 2,
  rss_max_bytes: 100,
  cpu_user_s: 1.5,
  cpu_system_s: 0.5,
  connections_open_max: 7,
};
const other: WorkerHealth = {
  pid: 1,
  event_loop_delay_max_ms: 30,
  event_loop_delay_p99_ms: 1,
  event_loop_cpu_max_ms: 11,
  gc_pause_count: 5,
  gc_pause_max_ms: 1,
  rss_max_bytes: 120,
  cpu_user_s: 2,
  cpu_system_s: 0.25,
  connections_open_max: 8,
};

test('the worst delay counts, connections add up, threads share memory and CPU', () => {
  expect(mergeHealth([one, other])).toEqual({
    event_loop_delay_max_ms: 30,
    event_loop_delay_p99_ms: 4,
    event_loop_cpu_max_ms: 11,
    gc_pause_count: 8,
    gc_pause_max_ms: 2,
    rss_max_bytes: 120,
    cpu_user_s: 2,
    cpu_system_s: 0.5,
    connections_open_max: 15,
  });
});

test('memory and CPU of processes add up', () => {
  expect(mergeHealth([one, other, { ...one, pid: 2 }])).toMatchObject({
    rss_max_bytes: 220,
    cpu_user_s: 3.5,
    cpu_system_s: 1,
    event_loop_delay_max_ms: 30,
  });
});

test('one worker is itself', () => {
  const { pid: _, ...figures } = one;
  expect(mergeHealth([one])).toEqual(figures);
});
