import type { ClientSpec, MeasuredExchange } from '../../../protos/control/fault-client.ts';
import type { PlannedListener } from '../../plan/plan.ts';
import type { ClientEvidence, Evidence } from '../evidence.ts';
import type { ClientRun, FaultClient } from '../fault-client.ts';
import type { Generation } from '../generation.ts';
import type { ProxyProcess } from '../proxy.ts';

export type CompanionOptions = {
  /** Unique within the generation: its connections are its own, not the case's. */
  owner: string;
  generation: Generation;
  program: FaultClient;
  proxy: ProxyProcess;
  listener: PlannedListener;
  specs: Omit<ClientSpec, 'target' | 'bind'>[];
  nextSourceAddress: () => string | null;
  timeoutMs: number;
  onExchange?: (exchange: MeasuredExchange) => void;
};

export type Companion = {
  /** Every client has its result. Never rejects. */
  done: Promise<void>;
  finish(): void;
  /** Everything is told to its end, or the time is over. */
  settled(): Promise<Evidence>;
};

/** Clients beside those of a case, over a listener of the same proxy, with evidence of their own. */
export function startCompanion(options: CompanionOptions): Companion {
  const { owner, generation, program, proxy, listener, specs, timeoutMs } = options;
  const { ledger } = generation;
  const { host, port } = proxy.address(listener.name);
  const startMs = Date.now();
  const clients: ClientEvidence[] = [];
  const told = Promise.withResolvers<void>();
  const check = (): void => {
    const answered = clients.every(({ result, refused }) => result !== null || refused !== null);
    if (answered && ledger.missing(owner, true).length === 0) told.resolve();
  };
  generation.watch(owner, check);
  const runs = specs.map((written, index): ClientRun => {
    const name = `companion-${index + 1}`;
    const bind = options.nextSourceAddress();
    if (bind !== null) ledger.source(owner, name, bind);
    const spec = { timeoutMs, ...written, target: `${host}:${port}`, ...(bind === null ? {} : { bind }) };
    const client: ClientEvidence = { name, spec, sockets: [], result: null, refused: null };
    clients.push(client);
    return program.run(spec, {
      onSocket: (local) => ledger.socket(owner, name, local, null),
      onExchange: options.onExchange,
    });
  });
  const done = Promise.all(
    runs.map(async (run, index) => {
      const outcome = await run.done.catch((error: Error) => ({ refused: error.message }));
      if ('result' in outcome) clients[index]!.result = outcome.result;
      else clients[index]!.refused = outcome.refused;
      check();
    }),
  ).then(() => undefined);
  return {
    done,
    finish: () => {
      for (const run of runs) run.finish();
    },
    settled: async () => {
      await within(timeoutMs, told.promise);
      for (const run of runs) run.cancel();
      generation.unwatch(owner);
      const sockets = ledger.sockets(owner);
      for (const client of clients)
        client.sockets = sockets.filter((item) => item.client === client.name).map(({ socket }) => socket);
      const upstreamAddress = generation.upstreamAddress(listener);
      return {
        clients,
        records: ledger.recordsOf(owner),
        connections: ledger
          .serverConnectionsOf(owner)
          .map(({ conn, remote, observations }) => ({ conn, remote, observations })),
        listener: { name: listener.name, host, port, config: listener.config, upstreamAddress },
        upstreamIsEndpoint: true,
        window: { startMs, endMs: Date.now() },
        proxyExitCode: null,
      };
    },
  };
}

/** Waits for an event, but not for ever. */
export async function within(limitMs: number, event: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([event, limit]);
  clearTimeout(timer);
}
