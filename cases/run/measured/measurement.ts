import type { MeasuredExchange } from '../../../protos/control/fault-client.ts';
import type { PlannedCase, PlannedListener } from '../../plan/plan.ts';
import type { Evidence } from '../evidence.ts';
import type { Generation } from '../generation.ts';
import type { ProxyProcess } from '../proxy.ts';
import { startCompanion, within } from './companion.ts';
import { peakResidentBytes, processTree, resetPeak, residentBytes } from './process-memory.ts';

export type Phase = 'before' | 'twin' | 'attack' | 'after';

/** What was measured of a proxy from outside, around and during the clients of a case. */
export type Measurement = {
  /** Resident memory of the proxy's processes, bytes; null elsewhere than on Linux. */
  rssBeforeBytes: number | null;
  rssPeakBytes: number | null;
  /** How the process ended meanwhile, in words; null when it lives on. */
  exited: string | null;
  /** Of the bystander, by the phase each began in; one that reached into the attack belongs to it. */
  exchanges: Record<Phase, MeasuredExchange[]>;
  bystander: Evidence;
  twin: Evidence | null;
};

export type Measuring = {
  /** A client of the case has all its connections open: calls back when the bystander has been served beside them. */
  holding(letGo: () => void): void;
  /** The clients of the case are done: the rest of the measurement. */
  attackOver(): Promise<Measurement>;
};

/** So many exchanges of the bystander before the attack, beside connections that are held, and after it. */
const exchangesPerPhase = 15;

/**
 * The bystander is not to be the load: with a pause it takes a few per cent of the proxy's time. Once it has shown enough, the
 * pauses grow: in an attack of seconds it would be a load for all other cases and their runner.
 */
const bystanderSpec = {
  proto: 'h2',
  tls: {},
  mode: 'chat',
  cycles: 1_000_000,
  intervalMs: 1,
  intervalMaxMs: 10,
  request: { path: '/mode/ok' },
} as const;

export async function startMeasuring(options: {
  owner: string;
  generation: Generation;
  planned: PlannedCase;
  proxy: ProxyProcess;
  listener: PlannedListener;
  nextSourceAddress: () => string | null;
  timeoutMs: number;
}): Promise<Measuring> {
  const { owner, generation, planned, proxy, listener, nextSourceAddress, timeoutMs } = options;
  const pids = processTree(proxy.program.pid);
  let exited: string | null = null;
  void proxy.ended.then(({ how }) => {
    exited = how;
  });
  const told: MeasuredExchange[] = [];
  let waiting: { count: number; resolve: () => void }[] = [];
  const common = { generation, proxy, listener, nextSourceAddress, timeoutMs };
  const bystander = startCompanion({
    ...common,
    owner: `${owner}/bystander`,
    program: await generation.quietClient(),
    specs: [{ ...bystanderSpec, measure: { cpuOfPids: pids, waitOfPids: [generation.serverPid(listener)] } }],
    onExchange: (exchange) => {
      told.push(exchange);
      for (const one of waiting) if (told.length >= one.count) one.resolve();
      waiting = waiting.filter(({ count }) => told.length < count);
    },
  });
  /** Once so many more have ended; at the latest when the bystander itself has. */
  const more = (count: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push({ count: told.length + count, resolve });
    return within(timeoutMs, Promise.race([promise, bystander.done]));
  };

  await more(exchangesPerPhase);
  const marks = { twin: now(), attack: 0, after: 0 };
  let twin: Evidence | null = null;
  if (planned.twin.length > 0) {
    const specs = planned.twin.map(({ spec }) => spec);
    const clients = startCompanion({ ...common, owner: `${owner}/twin`, program: generation.client, specs });
    await within(timeoutMs, clients.done);
    twin = await clients.settled();
  }
  const rssBeforeBytes = residentBytes(pids);
  resetPeak(pids);
  marks.attack = now();

  const phaseOf = ({ started_ms, duration_ms }: MeasuredExchange): Phase => {
    if (started_ms >= marks.after) return 'after';
    if (started_ms + duration_ms > marks.attack) return 'attack';
    return started_ms + duration_ms > marks.twin ? 'twin' : 'before';
  };
  return {
    holding: (letGo) => void more(exchangesPerPhase).then(letGo),
    attackOver: async () => {
      marks.after = now();
      const rssPeakBytes = peakResidentBytes(pids);
      await more(exchangesPerPhase);
      bystander.finish();
      await within(timeoutMs, bystander.done);
      const grouped = Object.groupBy(told, phaseOf);
      const { before = [], twin: beside = [], attack = [], after = [] } = grouped;
      const exchanges = { before, twin: beside, attack, after };
      const own = await bystander.settled();
      return { rssBeforeBytes, rssPeakBytes, exited, exchanges, bystander: own, twin };
    },
  };
}

/** The clock of the exchanges: epoch milliseconds with a fraction. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
