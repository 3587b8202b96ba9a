import type { ServerObservation } from '../../protos/control/fault-server.ts';
import { InfrastructureError } from '../exit-codes.ts';
import type { PlannedCase, PlannedListener } from '../plan/plan.ts';
import type { ClientEvidence, Evidence } from './evidence.ts';
import type { ClientRun } from './fault-client.ts';
import type { Generation } from './generation.ts';
import { type Measurement, type Measuring, startMeasuring } from './measured/measurement.ts';
import type { ProxyProcess } from './proxy.ts';

/** How an attempt came to its end, before anything is judged. */
export type AttemptEnd =
  | { end: 'settled'; evidence: Evidence }
  | { end: 'timeout'; evidence: Evidence; missing: string[] }
  /** A program died while this attempt ran; `connected` when it had a connection open. */
  | { end: 'died'; evidence: Evidence; text: string; connected: boolean };

export type AttemptOptions = {
  /** Unique within the generation. */
  owner: string;
  listener: PlannedListener;
  /** Where the bystander is served; null where nothing is measured. */
  bystander: PlannedListener | null;
  timeoutMs: number;
  timeScale: number;
  /** Records may never come: how long nothing new may happen once the clients are done. Null: until the time is over. */
  quietMs: number | null;
  nextSourceAddress: () => string | null;
};

/** Runs the clients of a case and waits until both witnesses and the proxy have told everything. Never hangs. */
export async function runAttempt(
  generation: Generation,
  planned: PlannedCase,
  options: AttemptOptions,
): Promise<AttemptEnd> {
  const { owner, listener } = options;
  const { ledger } = generation;
  const { instance } = planned;
  const unusable = generation.unusable.get(listener.key);
  if (unusable !== undefined) throw new InfrastructureError(unusable);
  if (planned.counted && listener.endpoint) await generation.server.rewind(listener.endpoint.name);
  const startMs = Date.now();
  const isolated = listener.isolated
    ? await generation.startIsolated(listener, `isolated-${fileName(owner)}`)
    : null;
  const proxy = (isolated ?? generation.proxy)!;
  const { host, port } = proxy.address(listener.name);
  const upstreamIsEndpoint = listener.endpoint !== null;
  let proxyExitCode: number | null = null;
  let isolatedEnded = false;
  let measurement: Measurement | null = null;
  ledger.begin?.(owner, listener.name, planned.clients);
  const clients: ClientEvidence[] = [];
  const runs: ClientRun[] = [];
  const evidence = (): Evidence => {
    const sockets = ledger.sockets(owner);
    for (const client of clients) {
      client.sockets = sockets.filter((item) => item.client === client.name).map(({ socket }) => socket);
    }
    return {
      clients,
      records: ledger.recordsOf(owner),
      connections: ledger.serverConnectionsOf(owner),
      listener: {
        name: listener.name,
        host,
        port,
        config: listener.config,
        upstreamAddress: generation.upstreamAddress(listener),
      },
      upstreamIsEndpoint,
      window: { startMs, endMs: Date.now() },
      proxyExitCode,
      ...(measurement ? { measurement } : {}),
      ...(ledger.correlationOf ? { correlation: ledger.correlationOf(owner) } : {}),
    };
  };

  const signals = signalTrigger(instance.proxy?.signals ?? [], proxy);
  if (isolated) {
    generation.watchEndpoint(listener.endpoint?.name ?? '', signals.observed);
    void isolated.ended.then(({ code }) => {
      proxyExitCode = code;
      isolatedEnded = true;
      changed();
    });
  }
  /** A client that was reset while it connected knows of no socket yet; the proxy's record of it is on its way. */
  const missing = (): string[] => [
    ...clients
      .filter(({ name, refused }) => !refused && !ledger.sockets(owner).some(({ client }) => client === name))
      .map(({ name }) => `the proxy wrote no record of a connection of client ${name}`),
    ...ledger.missing(owner, upstreamIsEndpoint),
  ];
  const answered = (): boolean => clients.every(({ result, refused }) => result !== null || refused !== null);
  let changed: () => void = () => undefined;
  let quiet: NodeJS.Timeout | undefined;
  const settled = new Promise<'settled' | 'timeout'>((resolve) => {
    changed = () => {
      if (!answered()) return;
      if (options.quietMs !== null) {
        clearTimeout(quiet);
        quiet = setTimeout(() => resolve('timeout'), options.quietMs);
      }
      if (!isolatedEnded && missing().length > 0) return;
      if (!ledger.correlationOf) return resolve('settled');
      // Records that name no connection at the server say nothing of one it is about to see. Its death is told below.
      void generation.server.ping().then(
        () => (isolatedEnded || missing().length === 0) && resolve('settled'),
        () => undefined,
      );
    };
    generation.watch(owner, () => changed());
  });

  const bindable = host.includes('.');
  const bound = planned.clients.map(({ name, after, spec }) => {
    const bind = bindable ? options.nextSourceAddress() : null;
    if (bind !== null) ledger.source(owner, name, bind);
    const full = {
      timeoutMs: Math.max(1000, options.timeoutMs - 1500),
      ...spec,
      ...(spec.timeoutMs === undefined ? {} : { timeoutMs: Math.round(spec.timeoutMs * options.timeScale) }),
      target: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
      ...(bind === null ? {} : { bind }),
    };
    const client: ClientEvidence = { name, spec: full, sockets: [], result: null, refused: null };
    clients.push(client);
    return { client, after };
  });
  const startAfter = (finished: string | null): void => {
    for (const { client, after } of bound) if (after === finished) start(client);
  };
  const start = (client: ClientEvidence): void => {
    const { name } = client;
    const run = generation.client.run(client.spec, {
      onSocket: (local) => {
        ledger.socket(owner, name, local, instance.resetsAtOnce ? listener.name : null);
        signals.socket();
      },
      onHolding: () => (measuring ? measuring.holding(run.finish) : run.finish()),
    });
    runs.push(run);
    void run.done
      .then((outcome) => {
        if ('result' in outcome) client.result = outcome.result;
        else client.refused = outcome.refused;
        if (answered()) attackOver();
        startAfter(name);
        changed();
      })
      // The program died: `generation.died` tells it below.
      .catch(() => undefined);
  };
  const measuring: Measuring | null =
    options.bystander === null
      ? null
      : await startMeasuring({ ...options, generation, planned, proxy, listener: options.bystander });
  let measured: Promise<unknown> = Promise.resolve();
  const attackOver = (): void => {
    if (measuring === null) return;
    measured = measuring.attackOver().then((all) => {
      measurement = all;
    });
  };
  startAfter(null);

  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), options.timeoutMs);
  });
  const outcome = await Promise.race([settled, timeout, generation.died]);
  clearTimeout(timer);
  clearTimeout(quiet);
  changed = () => undefined;
  proxy.poll();
  const lacking = [
    ...clients
      .filter(({ result, refused }) => !result && !refused)
      .map(({ name }) => `client ${name} gave no result`),
    ...missing(),
  ];
  const connected = ledger.hasOpenConnection(owner);
  if (outcome !== 'settled') for (const run of runs) run.cancel();
  if (typeof outcome === 'string') await measured;
  if (isolated && !listener.sharesLane) {
    if (signals.sent() && outcome === 'settled') await endedWithin(isolated, options.timeoutMs);
    await isolated.stop();
  }
  generation.unwatch(owner);
  if (outcome === 'settled') return { end: 'settled', evidence: evidence() };
  if (outcome === 'timeout') return { end: 'timeout', evidence: evidence(), missing: lacking };
  return { end: 'died', evidence: evidence(), text: outcome.text, connected };
}

/** Gives a signalled proxy the time of a case to end by itself. */
async function endedWithin(proxy: ProxyProcess, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([proxy.ended, limit]);
  clearTimeout(timer);
}

type Signal = NonNullable<NonNullable<PlannedCase['instance']['proxy']>['signals']>[number];

/** Sends each signal once, when what it waits for happens first. */
function signalTrigger(signals: Signal[], proxy: ProxyProcess) {
  const pending = [...signals];
  let sent = false;
  const fire = (after: Signal['after']) => {
    for (const signal of pending.filter((item) => item.after === after)) {
      pending.splice(pending.indexOf(signal), 1);
      proxy.program.signal(signal.signal);
      sent = true;
    }
  };
  return {
    socket: () => fire('first socket'),
    observed: ({ observation }: ServerObservation) => {
      if (observation === 'request') fire('first exchange');
      if (observation === 'response') fire('first response');
    },
    sent: () => sent,
  };
}

function fileName(owner: string): string {
  return owner.replace(/[^\w.-]/g, '_');
}
