import type { ServerObservation } from '../../protos/control/fault-server.ts';
import { InfrastructureError, UsageError } from '../exit-codes.ts';
import type { Dialect } from '../foreign/dialect.ts';
import { ForeignLedger } from '../foreign/foreign-ledger.ts';
import type { PlannedListener } from '../plan/plan.ts';
import { type DirectRuns, directRuns } from '../transparency/direct-run.ts';
import type { EarlyServer } from './early-server.ts';
import { type FaultClient, spawnFaultClient, startFaultClient } from './fault-client.ts';
import { type FaultServer, startFaultServer } from './fault-server.ts';
import { type ConnectionLedger, Ledger } from './ledger.ts';
import {
  faultClientCommand,
  faultServerCommand,
  type ProgramCommands,
  proxyCommand,
} from './own-programs.ts';
import { type ProxyEvents, type ProxyProcess, startProxy } from './proxy.ts';

/** The three programs that serve a run until one of them dies; then the next generation takes over, on new ports. */
export type Generation = {
  server: FaultServer;
  client: FaultClient;
  /** Null when every case is isolated. */
  proxy: ProxyProcess | null;
  ledger: ConnectionLedger;
  /** Runs without the proxy, of the same two programs. */
  direct: DirectRuns;
  /** Where the proxy finds the upstream of a listener. */
  upstreamAddress(listener: PlannedListener): string;
  /** A process of its own with the listener, or the one that cases of the same lane share, and what belongs beside it. */
  startIsolated(listener: PlannedListener, name: string): Promise<ProxyProcess>;
  /** A second fault-client, which is idle but for what measures: its latencies are the proxy's. */
  quietClient(): Promise<FaultClient>;
  /** The process that serves a listener's endpoint. */
  serverPid(listener: PlannedListener): number;
  /** Why nothing can run on a listener: its upstream endpoint could not be opened. */
  unusable: Map<string, string>;
  /** Tells an owner that something of its connections changed. */
  watch(owner: string, callback: () => void): void;
  unwatch(owner: string): void;
  /** Observations of one endpoint as they come, for cases that own it. */
  watchEndpoint(endpoint: string, callback: (observation: ServerObservation) => void): void;
  /** Says what died, once something has; never rejects. */
  died: Promise<Death>;
  /** Problems of the record files: those of a connection that has an owner, by owner, and the rest under null. */
  broken: { connId: string | null; text: string }[];
  stop(): Promise<void>;
};

/** What the fault-client has to end in when the run cannot begin. */
const programStopMs = 2000;

/** Both number their connections from 1. */
const quietConnections = 1_000_000_000;

export type Death = { program: string; text: string };

export async function startGeneration(options: {
  number: number;
  listeners: PlannedListener[];
  commands: ProgramCommands;
  folder: string;
  certificates: string;
  timeScale: number;
  dialect: Dialect;
  /** Taken by the first generation. */
  earlyServer?: EarlyServer;
  /** Ends everything in flight, as a death does. */
  interruption?: AbortSignal;
}): Promise<Generation> {
  const { listeners, commands, folder, certificates, timeScale, dialect, interruption } = options;
  const watchers = new Map<string, () => void>();
  const endpointWatchers = new Map<string, (observation: ServerObservation) => void>();
  const notify = (owner: string) => watchers.get(owner)?.();
  const foreign = dialect === '1.50' ? new ForeignLedger(notify) : null;
  const ledger = foreign ?? new Ledger(notify);
  const broken: Generation['broken'] = [];
  let direct: DirectRuns | null = null;
  const events: ProxyEvents = {
    record: (record, line) => ledger.record({ record, line }),
    meta: () => undefined,
    broken: (text, connId) => broken.push({ text, connId }),
    touched: (local) => foreign?.disregard(local),
  };
  let laneProcesses = 0;
  const serverCommand = faultServerCommand(commands.faultServer, certificates);
  const clientCommand = faultClientCommand(commands.faultClient, certificates);
  const onObservation = (observation: ServerObservation) => {
    if (direct?.observation(observation)) return;
    ledger.observation(observation);
    endpointWatchers.get(observation.endpoint)?.(observation);
  };
  // The proxy waits for the endpoints, and nobody for the client until there is a proxy: it starts beside both.
  const startingClient = spawnFaultClient(clientCommand);
  startingClient.ready.catch(() => undefined);
  const server = await (
    options.earlyServer?.take(onObservation) ?? startFaultServer(serverCommand, onObservation)
  ).catch(async (error: unknown) => {
    await startingClient.program.stop(programStopMs);
    throw error;
  });
  /** One for what is measured, so that a flooded upstream makes nobody else late. */
  let quietServerStarted: Promise<FaultServer> | null = null;
  let quietServerPid = 0;
  const quietServer = (): Promise<FaultServer> => {
    quietServerStarted ??= startFaultServer(serverCommand, (observation) =>
      ledger.observation({ ...observation, conn: observation.conn + quietConnections }),
    ).then((started) => {
      quietServerPid = started.program.pid;
      return started;
    });
    return quietServerStarted;
  };
  const addresses = new Map<string, string>();
  const unusable = new Map<string, string>();
  const upstreamAddress = (listener: PlannedListener) => listener.address ?? addresses.get(listener.key)!;
  const start = (name: string, own: PlannedListener[]) =>
    startProxy({
      command: proxyCommand(commands.proxy),
      folder,
      name,
      listeners: own,
      upstreamAddress,
      certificates,
      timeScale,
      events,
      dialect,
    });
  let running: ProxyProcess | null = null;
  try {
    await Promise.all(
      listeners.map(async (listener) => {
        if (!listener.endpoint) return;
        const opened = await (listener.quiet ? await quietServer() : server).open(listener.endpoint);
        if ('refused' in opened)
          unusable.set(listener.key, `the fault-server refused the endpoint: ${opened.refused}`);
        else addresses.set(listener.key, opened.address);
      }),
    );
    const usable = listeners.filter(({ key }) => !unusable.has(key));
    const shared = usable.filter(({ isolated }) => !isolated);
    const lanes = new Map<string, Promise<ProxyProcess>>();
    const startIsolated = (listener: PlannedListener, name: string): Promise<ProxyProcess> => {
      const { lane } = listener;
      const beside = usable.filter((other) => other.lane === lane);
      if (lane === null) return start(name, [listener]);
      if (!listener.sharesLane) return start(name, beside);
      let ofLane = lanes.get(lane);
      if (ofLane === undefined) {
        ofLane = start(`lane-${lane}-${options.number}-${++laneProcesses}`, beside);
        lanes.set(lane, ofLane);
        // The case that ends it is red; the next one of the lane goes on with another.
        void ofLane.then(
          ({ ended }) => ended.then(() => lanes.delete(lane)),
          () => lanes.delete(lane),
        );
      }
      return ofLane;
    };
    let quiet: Promise<FaultClient> | null = null;
    const proxy = shared.length > 0 ? await start(`proxy-${options.number}`, shared) : null;
    running = proxy;
    const client = await startingClient.ready;
    const programs = [server.program, client.program, ...(proxy ? [proxy.program] : [])];
    const interrupted = new Promise<Death>((resolve) => {
      const tell = () => resolve({ program: 'suite', text: 'the run was interrupted' });
      if (interruption?.aborted) tell();
      interruption?.addEventListener('abort', tell, { once: true });
    });
    const died = Promise.race([
      interrupted,
      ...programs.map(async (program): Promise<Death> => {
        const { how, expected } = await program.ended;
        if (expected) return new Promise(() => undefined);
        return {
          program: program.name,
          text: `the ${program.name} ${how}\n${program.stderrTail()}`.trimEnd(),
        };
      }),
    ]);
    direct = directRuns(server, client, died);
    return {
      server,
      client,
      proxy,
      ledger,
      direct,
      upstreamAddress,
      unusable,
      startIsolated,
      quietClient: () => {
        quiet ??= startFaultClient(clientCommand);
        return quiet;
      },
      serverPid: (listener) => (listener.quiet ? quietServerPid : server.program.pid),
      watch: (owner, callback) => void watchers.set(owner, callback),
      unwatch: (owner) => void watchers.delete(owner),
      watchEndpoint: (endpoint, callback) => void endpointWatchers.set(endpoint, callback),
      died,
      broken,
      stop: async () => {
        await Promise.all([proxy?.stop(), ...[...lanes.values()].map(async (lane) => (await lane).stop())]);
        await Promise.all([
          client.stop(),
          server.stop(),
          quiet?.then((idle) => idle.stop()),
          quietServerStarted?.then((idle) => idle.stop()),
        ]);
      },
    };
  } catch (error) {
    await Promise.all([startingClient.program.stop(programStopMs), server.stop(), running?.stop()]);
    if (error instanceof InfrastructureError || error instanceof UsageError) throw error;
    throw new InfrastructureError(String(error));
  }
}
