import type { ServerObservation } from '../../protos/control/fault-server.ts';
import { canonical } from '../json.ts';
import type { PlannedCase, PlannedListener } from '../plan/plan.ts';
import type { ClientEvidence, DirectAbsent, DirectEvidence } from '../run/evidence.ts';
import type { ClientRun, FaultClient } from '../run/fault-client.ts';
import type { FaultServer } from '../run/fault-server.ts';
import { type Counterpart, counterpartOf } from './counterpart.ts';
import { DirectLedger } from './direct-ledger.ts';

/** Runs counterparts against endpoints of their own, in the same fault-server and by the same fault-client as the cases. */
export type DirectRuns = {
  /** The counterpart of a case, run; or why it has none. Never rejects. */
  run(
    planned: PlannedCase,
    listener: PlannedListener,
    options: DirectOptions,
  ): Promise<DirectEvidence | DirectAbsent>;
  /** Observations of endpoints that belong to counterparts; false for all others. */
  observation(observation: ServerObservation): boolean;
  orphans(): string[];
};

export type DirectOptions = {
  /** Unique within the generation. */
  owner: string;
  timeoutMs: number;
  /** Stretches what a case's own clients wait, as it does through the proxy. */
  timeScale: number;
  nextSourceAddress: () => string | null;
};

const prefix = 'direct-';

export function directRuns(server: FaultServer, client: FaultClient, died: Promise<unknown>): DirectRuns {
  const watchers = new Map<string, () => void>();
  const ledger = new DirectLedger((owner) => watchers.get(owner)?.());
  const endpoints = new Map<string, { name: string; opened: ReturnType<FaultServer['open']> }>();

  /** Counterparts with the same endpoint share it, as cases share theirs. */
  const endpointOf = ({ endpoint }: Counterpart, counted: string | null) => {
    const key = canonical([endpoint, counted]);
    let known = endpoints.get(key);
    if (!known) {
      const name = `${prefix}${endpoints.size + 1}`;
      known = { name, opened: server.open({ name, ...endpoint }) };
      endpoints.set(key, known);
    }
    return known;
  };

  /** `counted`: the endpoint counts connections: it is this case's alone, and each run counts from the first. */
  const run = async (
    counterpart: Counterpart,
    counted: string | null,
    options: DirectOptions,
  ): Promise<DirectEvidence> => {
    const { owner, timeoutMs, timeScale } = options;
    const { name: endpoint, opened: opening } = endpointOf(counterpart, counted);
    const opened = await opening;
    if ('refused' in opened) return failed(`the fault-server refused the endpoint: ${opened.refused}`);
    if (counted !== null) await server.rewind(endpoint);
    const clients: ClientEvidence[] = [];
    const runs: ClientRun[] = [];
    let changed: () => void = () => undefined;
    const settled = new Promise<'settled'>((resolve) => {
      changed = () => {
        const answered = clients.every(({ result, refused }) => result !== null || refused !== null);
        if (answered && ledger.missing(owner).length === 0) resolve('settled');
      };
    });
    watchers.set(owner, () => changed());
    const bound = counterpart.clients.map(({ name, after, spec }) => {
      const bind = options.nextSourceAddress();
      ledger.client(owner, name, endpoint, bind);
      const full = {
        timeoutMs: Math.max(1000, timeoutMs - 1500),
        ...spec,
        ...(spec.timeoutMs === undefined ? {} : { timeoutMs: Math.round(spec.timeoutMs * timeScale) }),
        target: opened.address,
        ...(bind === null ? {} : { bind }),
      };
      const evidence: ClientEvidence = { name, spec: full, sockets: [], result: null, refused: null };
      clients.push(evidence);
      return { evidence, after };
    });
    const startAfter = (finished: string | null): void => {
      for (const { evidence, after } of bound) if (after === finished) start(evidence);
    };
    const start = (evidence: ClientEvidence): void => {
      const started = client.run(evidence.spec, {
        onSocket: (local) => {
          evidence.sockets.push(local);
          ledger.socket(owner, evidence.name, local);
        },
      });
      runs.push(started);
      void started.done
        .then((outcome) => {
          if ('result' in outcome) evidence.result = outcome.result;
          else evidence.refused = outcome.refused;
          startAfter(evidence.name);
          changed();
        })
        // The program died, which the attempt beside this one tells.
        .catch(() => undefined);
    };
    startAfter(null);

    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<'timeout'>((resolve) => {
      timer = setTimeout(() => resolve('timeout'), timeoutMs);
    });
    const outcome = await Promise.race([settled, timeout, died.then(() => 'died' as const)]);
    clearTimeout(timer);
    watchers.delete(owner);
    if (outcome !== 'settled') for (const started of runs) started.cancel();
    const late = clients.filter(({ result, refused }) => !result && !refused).map(({ name }) => name);
    const missing = [
      ...late.map((name) => `without the proxy, client ${name} gave no result`),
      ...ledger.missing(owner),
    ];
    const sides = clients.map((evidence) => ({
      client: evidence,
      connections: ledger.connectionsOf(owner, evidence.name),
    }));
    ledger.done(owner);
    const look = { sides, missing: outcome === 'settled' ? [] : missing };
    return { target: opened.address, tls: counterpart.tls, looks: [look] };
  };

  return {
    run: async (planned, listener, options) => {
      const counterpart = counterpartOf(planned, listener);
      if ('group' in counterpart) return counterpart;
      const counted = planned.counted ? planned.instance.tid : null;
      return run(counterpart, counted, options).catch((error: Error) =>
        absent('a program died', error.message),
      );
    },
    observation: (observation) => {
      if (!observation.endpoint.startsWith(prefix)) return false;
      ledger.observation(observation);
      return true;
    },
    orphans: () => ledger.orphans(),
  };
}

function absent(group: string, reason: string): DirectAbsent {
  return { group, reason };
}

function failed(text: string): DirectEvidence {
  return {
    target: '',
    tls: { client: false, upstream: false, direct: false },
    looks: [{ sides: [], missing: [text] }],
  };
}
