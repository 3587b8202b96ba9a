import { loadavg } from 'node:os';
import { type Finding, megabytes } from './judge.ts';
import type { Outcome, Plan } from './run.ts';

/** What was done, what the stop record says, and every goal with what was found. */
export function report(plan: Plan, outcome: Outcome, findings: readonly Finding[]): string {
  const { rss, records, failures } = outcome;
  const stop = records.stop ?? {};
  const connections = plan.idle + plan.active;
  const loads = loadavg()
    .map((load) => load.toFixed(1))
    .join(', ');
  const tenths = Array.from({ length: 11 }, (_, index) => rss[Math.round((index / 10) * (rss.length - 1))]!);
  const figure = (name: string): string => String(stop[name] ?? '?');
  // Each connection proved its way with one request before the clock ran.
  const requestsPerS = (outcome.answered - connections) / (plan.minutes * 60);
  const lines = [
    `held ${plan.idle} idle and ${plan.active} active connections for ${plan.minutes} min; load average ${loads}`,
    `ramp-up       ${outcome.rampUpS.toFixed(1)} s, ${(connections / outcome.rampUpS).toFixed(0)} connections a second, ${plan.concurrency} at once`,
    `requests      ${outcome.answered}, ${requestsPerS.toFixed(0)} a second`,
    `resident set  ${megabytes(outcome.rssBefore)} before, ${megabytes(rss[0]!.value)} after the ramp-up, ${megabytes(rss.at(-1)!.value)} at the end, ${((rss.at(-1)!.value - outcome.rssBefore) / connections / 1000).toFixed(0)} kB a connection`,
    `              every tenth of the hold: ${tenths.map(({ value }) => (value / 1e6).toFixed(0)).join(' ')} MB`,
    `records       ${Object.entries(records.kinds)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ')}`,
    `stop record   event_loop_delay_max_ms ${figure('event_loop_delay_max_ms')}, p99 ${figure('event_loop_delay_p99_ms')}, event_loop_cpu_max_ms ${figure('event_loop_cpu_max_ms')}; gc_pause_max_ms ${figure('gc_pause_max_ms')} of ${figure('gc_pause_count')}`,
    `              rss_max_bytes ${figure('rss_max_bytes')}, cpu_user_s ${figure('cpu_user_s')}, cpu_system_s ${figure('cpu_system_s')}, connections_open_max ${figure('connections_open_max')}`,
    `              written ${figure('written')}, dropped ${figure('dropped')}`,
    '',
    ...Object.entries(failures).map(([words, count]) => `failure: ${words} (${count})`),
    ...findings.map(({ ok, goal, found }) => `${ok ? 'ok    ' : 'MISSED'} ${goal}: ${found}`),
  ];
  return lines.join('\n');
}
