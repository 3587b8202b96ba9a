import type { ServerObservation } from '../../protos/control/fault-server.ts';
import { isObject } from '../json.ts';
import type { ClaimedRecord, ServerConnection } from '../run/evidence.ts';
import { addressOf, type ConnectionLedger, plainAddress } from '../run/ledger.ts';
import { correlate, type Match, type Rule, type Sides } from './correlate.ts';
import { lift } from './lift.ts';

/** What was correlated, and how: one line per connection, and why the case cannot be judged where it cannot. */
export type Correlation = {
  connections: { connId: string; client: string | null; rule: Rule | null }[];
  ambiguous: string | null;
};

/**
 * Who owns which connection, for records without `peer_ip` and `upstream_local`. Every case has a listener and an endpoint of
 * its own and its attempts follow one another, so the listener's name, which every record has, names the case; `correlate`
 * tells the rest. Records of one `conn_id` belong together.
 */
export class ForeignLedger implements ConnectionLedger {
  #attempts = new Map<string, Attempt[]>();
  #byOwner = new Map<string, Attempt>();
  #connections = new Map<string, Connection>();
  #server = new Map<number, { connection: ServerConnection; attempt: Attempt | null }>();
  #disregarded = new Set<string>();
  #onChange: (owner: string) => void;

  constructor(onChange: (owner: string) => void) {
    this.#onChange = onChange;
  }

  begin(owner: string, listener: string, clients: Omit<Sides['clients'][number], 'source'>[]): void {
    const attempt: Attempt = {
      owner,
      startMs: Date.now(),
      clients: clients.map((client) => ({ ...client, source: null })),
      sockets: [],
      connections: [],
      server: [],
    };
    this.#byOwner.set(owner, attempt);
    const before = this.#attempts.get(listener);
    if (before) before.push(attempt);
    else this.#attempts.set(listener, [attempt]);
  }

  /** A connection of the run's own, which belongs to no case. */
  disregard(address: string): void {
    this.#disregarded.add(plainAddress(address));
  }

  socket(owner: string, client: string, socket: string): void {
    this.#byOwner.get(owner)?.sockets.push({ client, socket: plainAddress(socket) });
    this.#onChange(owner);
  }

  source(owner: string, client: string, ip: string): void {
    const found = this.#byOwner.get(owner)?.clients.find(({ name }) => name === client);
    if (found) found.source = ip;
  }

  record({ record, line }: ClaimedRecord): void {
    const raw: Record<string, unknown> = record;
    const connId = String(raw.conn_id);
    let connection = this.#connections.get(connId);
    if (!connection) {
      const attempt = this.#attemptOn(String(raw.listener), raw);
      connection = { connId, listener: String(raw.listener), records: [], closed: false, attempt };
      this.#connections.set(connId, connection);
      attempt?.connections.push(connection);
    }
    connection.records.push({ raw, line });
    if (raw.kind === 'conn' && raw.event === 'close') connection.closed = true;
    if (connection.attempt) this.#onChange(connection.attempt.owner);
  }

  observation(observation: ServerObservation): void {
    let seen = this.#server.get(observation.conn);
    if (!seen) {
      const remote = plainAddress(observation.remote);
      const attempt = this.#attempts.get(observation.endpoint)?.at(-1) ?? null;
      seen = { connection: { conn: observation.conn, remote, observations: [] }, attempt };
      this.#server.set(observation.conn, seen);
      attempt?.server.push(seen.connection);
    }
    seen.connection.observations.push(observation);
    if (seen.attempt) this.#onChange(seen.attempt.owner);
  }

  missing(owner: string, upstreamIsEndpoint: boolean): string[] {
    const attempt = this.#byOwner.get(owner);
    if (!attempt) return [];
    const { matches } = correlation(attempt);
    const lacking = attempt.clients.flatMap(({ name }) => {
      const sockets = attempt.sockets.filter(({ client }) => client === name).length;
      const lost = sockets - matches.filter(({ client }) => client === name).length;
      return lost > 0
        ? [`the proxy wrote no record of ${lost} of the ${sockets} connections of ${name}`]
        : [];
    });
    const open = attempt.connections.filter(({ closed }) => !closed);
    const atServer = upstreamIsEndpoint ? attempt.server.filter((seen) => !isClosed(seen)) : [];
    return [
      ...(matches.some(({ client }) => client === null) ? [] : lacking),
      ...open.map(({ connId }) => `connection ${connId} has no close record`),
      ...atServer.map(({ remote }) => `the server's connection from ${remote} is not closed`),
    ];
  }

  hasOpenConnection(owner: string): boolean {
    const attempt = this.#byOwner.get(owner);
    if (!attempt) return false;
    return (
      attempt.connections.some(({ closed }) => !closed) || attempt.sockets.length > attempt.connections.length
    );
  }

  ownerOf(connId: string): string | null {
    return this.#connections.get(connId)?.attempt?.owner ?? null;
  }

  sockets(owner: string): { client: string; socket: string; connId: string | null }[] {
    const attempt = this.#byOwner.get(owner);
    if (!attempt) return [];
    const { matches } = correlation(attempt);
    const reported = attempt.sockets.map(({ client, socket }) => ({
      client,
      socket,
      connId: matches.find((match) => match.socket === socket)?.connId ?? null,
    }));
    const unheard = matches.flatMap(({ client, socket, connId }) =>
      client !== null && socket !== null && !reported.some((item) => item.socket === socket)
        ? [{ client, socket, connId }]
        : [],
    );
    return [...reported, ...unheard];
  }

  recordsOf(owner: string): ClaimedRecord[] {
    const attempt = this.#byOwner.get(owner);
    if (!attempt) return [];
    const { matches } = correlation(attempt);
    const served = attempt.server.some(({ observations }) =>
      observations.some(({ observation }) => observation === 'request'),
    );
    return attempt.connections
      .flatMap(({ connId, records }) => {
        const match = matches.find((item) => item.connId === connId)!;
        const done = new Set<unknown>();
        const upstreamLocal = attempt.server.find(({ conn }) => conn === match.server)?.remote ?? null;
        return records.map(({ raw, line }) => {
          const handshakeDone = done.has(raw.side);
          if (raw.kind === 'tls' && raw.outcome === 'ok') done.add(raw.side);
          const around = { line, socket: match.socket, upstreamLocal, served, handshakeDone };
          return { record: lift(raw, around), line, raw };
        });
      })
      .sort((left, right) => left.line - right.line);
  }

  serverConnectionsOf(owner: string): ServerConnection[] {
    return this.#byOwner.get(owner)?.server ?? [];
  }

  correlationOf(owner: string): Correlation {
    const attempt = this.#byOwner.get(owner);
    const { matches, ambiguous } = attempt ? correlation(attempt) : { matches: [], ambiguous: null };
    return {
      connections: matches.map(({ connId, client, rule }) => ({ connId, client, rule })),
      ambiguous,
    };
  }

  orphans(): string[] {
    const ofProxy = [...this.#connections.values()]
      .filter((connection) => connection.attempt === null && !this.#disregarded.has(addressIn(connection)))
      .map(
        ({ connId, listener, records }) =>
          `connection ${connId} (listener ${listener}, line ${records[0]?.line}) belongs to no case`,
      );
    const ofServer = [...this.#server.values()]
      .filter(({ attempt }) => attempt === null)
      .map(
        ({ connection }) =>
          `the server's ${connection.observations[0]?.endpoint} saw a connection from ${connection.remote} that belongs to no case`,
      );
    return [...ofProxy, ...ofServer];
  }

  /** The attempt that ran when the connection was accepted: the last one begun before, by the record's own time. */
  #attemptOn(listener: string, raw: Record<string, unknown>): Attempt | null {
    const attempts = this.#attempts.get(listener) ?? [];
    const ms = momentOf(raw);
    return attempts.findLast(({ startMs }) => startMs <= ms + clockSlackMs) ?? attempts.at(-1) ?? null;
  }
}

/** A clock is read in two processes. */
const clockSlackMs = 2;

type RawRecord = { raw: Record<string, unknown>; line: number };

type Connection = {
  connId: string;
  listener: string;
  records: RawRecord[];
  closed: boolean;
  attempt: Attempt | null;
};

type Attempt = {
  owner: string;
  startMs: number;
  clients: Sides['clients'];
  sockets: Sides['sockets'];
  connections: Connection[];
  server: ServerConnection[];
};

function correlation({ clients, sockets, connections, server }: Attempt): {
  matches: Match[];
  ambiguous: string | null;
} {
  return correlate({
    clients,
    sockets,
    connections: connections.map((connection) => ({
      connId: connection.connId,
      address: addressIn(connection),
      fromMs: momentOf(connection.records[0]!.raw),
      toMs: connection.closed ? momentOf(connection.records.at(-1)!.raw) : Number.POSITIVE_INFINITY,
      path: pathIn(connection),
    })),
    server: server.map(({ conn, observations }) => ({
      conn,
      fromMs: observations[0]!.ts,
      toMs:
        observations.findLast(({ observation }) => observation === 'close')?.ts ?? Number.POSITIVE_INFINITY,
      claimed:
        observations.flatMap((item) => (item.observation === 'proxy' && item.src ? [item.src] : []))[0] ??
        null,
      paths: observations.flatMap((item) => (item.observation === 'request' ? [item.path] : [])),
    })),
  });
}

/** `client_ip:client_port` of the first record that is not `wait`, which is written before a PROXY header is read. */
function addressIn({ records }: Connection): string {
  const { raw } = records.find((item) => item.raw.event !== 'wait') ?? records[0]!;
  return addressOf(String(raw.client_ip), Number(raw.client_port));
}

function pathIn({ records }: Connection): string | null {
  for (const { raw } of records) {
    const path = raw.kind === 'event' && isObject(raw.request) ? raw.request.path : raw.path;
    if (typeof path === 'string') return path;
  }
  return null;
}

function momentOf(raw: Record<string, unknown>): number {
  return Number(raw.ts ?? raw.ts_start) * 1000;
}

function isClosed({ observations }: ServerConnection): boolean {
  return observations.some(({ observation }) => observation === 'close');
}
