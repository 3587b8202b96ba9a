import type { MeasuredExchange } from '../../protos/control/fault-client.ts';
import type { CaseInstance } from '../load/catalog.ts';
import type { Evidence } from '../run/evidence.ts';
import type { Measurement } from '../run/measured/measurement.ts';
import type { Failure } from '../run/results.ts';

type Trace = (line: string) => void;

/**
 * What a process of Node grows by whatever it serves, before it collects its garbage: it is not charged to connections.
 */
export const garbageBytes = 24 << 20;
/** Below this a latency is the scheduler's, not the proxy's: ratios are taken from here on. */
export const latencyFloorMs = 20;

/** The bounds of `expect.proxy` on memory and on the bystander, and that nobody beside the attack was harmed. */
export function checkMeasured(instance: CaseInstance, evidence: Evidence, trace?: Trace): Failure[] {
  const { measurement } = evidence;
  if (measurement === undefined) return [];
  const bounds = instance.expect.proxy ?? {};
  const connections = Math.max(1, evidence.clients.flatMap(({ sockets }) => sockets).length);
  return [
    ...alive(measurement),
    ...served('bystander', measurement.bystander),
    ...(measurement.twin === null ? [] : served('twin', measurement.twin)),
    ...memory(bounds.rss_growth_max_bytes_per_connection, connections, measurement, trace),
    ...latency(bounds.bystander?.latency_ratio_max, measurement, trace),
    ...cpuDelay(bounds.bystander?.cpu_delay_max_ms, measurement, trace),
  ];
}

function alive({ exited }: Measurement): Failure[] {
  return exited === null
    ? []
    : [{ rule: 'proxy', path: '', expected: 'a process that lives on', seen: exited }];
}

function served(who: string, { clients }: Evidence): Failure[] {
  return clients
    .filter(({ result }) => result?.outcome !== 'ok')
    .map(({ result, refused }) => ({
      rule: 'proxy',
      path: who,
      expected: 'served to its end',
      seen: refused ?? result?.error ?? 'no result',
    }));
}

function memory(
  bound: number | undefined,
  connections: number,
  { rssBeforeBytes, rssPeakBytes }: Measurement,
  trace?: Trace,
): Failure[] {
  if (bound === undefined) return [];
  if (rssBeforeBytes === null || rssPeakBytes === null)
    return [{ rule: 'proxy', path: 'rss', expected: 'a process whose memory /proc tells', seen: 'nothing' }];
  const growth = rssPeakBytes - rssBeforeBytes;
  const most = garbageBytes + connections * bound;
  trace?.(`proxy.rss: ${mebi(rssBeforeBytes)} grew by ${mebi(growth)}, ${mebi(most)} at most`);
  if (growth <= most) return [];
  const expected = `growth of at most ${mebi(garbageBytes)} + ${connections} × ${bound} bytes`;
  return [{ rule: 'proxy', path: 'rss_growth_max_bytes_per_connection', expected, seen: mebi(growth) }];
}

function latency(ratio: number | undefined, { exchanges }: Measurement, trace?: Trace): Failure[] {
  // What a busy machine makes anybody wait is not the proxy's.
  const own = (phase: MeasuredExchange[]) =>
    phase.map(({ duration_ms, waited_ms }) => Math.max(0, duration_ms - waited_ms));
  const of = (phase: MeasuredExchange[]) => median(own(phase));
  const [before, twin, attack] = [of(exchanges.before), of(exchanges.twin), of(exchanges.attack)];
  const longest = Math.max(0, ...own(exchanges.attack));
  trace?.(
    `proxy.bystander.latency: median ${ms(before)} before, ${ms(twin)} beside the twin, ${ms(attack)} in the attack (${exchanges.attack.length}, longest ${ms(longest)}), ${ms(of(exchanges.after))} after`,
  );
  if (ratio === undefined || attack === null) return [];
  const most = ratio * Math.max(latencyFloorMs, before ?? 0, twin ?? 0);
  if (attack <= most) return [];
  const expected = `a median of at most ${ms(most)}: ${ratio} × the larger of ${ms(before)} before, ${ms(twin)} beside the twin, and ${latencyFloorMs} ms`;
  return [{ rule: 'proxy', path: 'bystander.latency_ratio_max', expected, seen: ms(attack) }];
}

function cpuDelay(most: number | undefined, { exchanges }: Measurement, trace?: Trace): Failure[] {
  const worst = (phase: MeasuredExchange[]) => Math.max(0, ...phase.map(({ cpu_ms }) => cpu_ms ?? 0));
  trace?.(
    `proxy.bystander.cpu: at most ${ms(worst(exchanges.before))} of the proxy in one exchange before, ${ms(worst(exchanges.twin))} beside the twin, ${ms(worst(exchanges.attack))} in the attack`,
  );
  if (most === undefined || worst(exchanges.attack) <= most) return [];
  const expected = `at most ${most} ms of the proxy's processor time within one exchange`;
  return [{ rule: 'proxy', path: 'bystander.cpu_delay_max_ms', expected, seen: ms(worst(exchanges.attack)) }];
}

function median(values: number[]): number | null {
  return values.length === 0 ? null : values.sort((left, right) => left - right)[values.length >> 1]!;
}

function mebi(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function ms(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(1)} ms`;
}
