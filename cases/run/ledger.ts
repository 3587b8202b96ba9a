import type { ClientSpec } from '../../protos/control/fault-client.ts';
import type { ServerObservation } from '../../protos/control/fault-server.ts';
import type { Correlation } from '../foreign/foreign-ledger.ts';
import type { ClaimedRecord, ServerConnection } from './evidence.ts';
import {
  type AtAddress,
  acceptedAt,
  type Claim,
  type Connection,
  endedBefore,
  joinable,
  newConnection,
  type OwnedServerConnection,
} from './ledger-connections.ts';

/**
 * Who owns which connection. A socket a client reported owns the one connection of its `peer_ip:peer_port`, that one
 * owns every record of its `conn_id`, and its `upstream_local` owns the one connection the server saw from there.
 * Nothing is guessed from times or contents; what stays without an owner is an orphan.
 */
export class Ledger implements ConnectionLedger {
  #claims = new Map<string, Claim[]>();
  #connections = new Map<string, Connection>();
  #pendingByPeer = new Map<string, Connection[]>();
  #serverConnections = new Map<number, OwnedServerConnection>();
  #byAddress = new Map<string, AtAddress>();
  #onChange: (owner: string) => void;

  /** `onChange` is told an owner whenever something of its connections changed. */
  constructor(onChange: (owner: string) => void) {
    this.#onChange = onChange;
  }

  /**
   * A client's socket is connected. `socket` is `ip:port` as the proxy sees it. `anonymousOn` names the listener when the
   * client resets at once: the kernel may have forgotten its address before the proxy could ask.
   */
  socket(owner: string, client: string, socket: string, anonymousOn: string | null = null): void {
    const key = plainAddress(socket);
    const claim: Claim = { owner, client, socket: key, connection: null, bySource: false };
    const claims = listAt(this.#claims, owner);
    const early = claims.find((item) => item.socket === key && item.bySource);
    if (early) {
      early.bySource = false;
      return;
    }
    claims.push(claim);
    const waiting = this.#pendingByPeer.get(key)?.shift();
    if (waiting) this.#bind(claim, waiting);
    else {
      this.#openClaims(key).push(claim);
      if (anonymousOn !== null) {
        this.#anonymousOn(anonymousOn).claims.push(claim);
        this.#pairAnonymous(anonymousOn);
      }
    }
    this.#onChange(owner);
  }

  /** `ip` is bound by this client alone: a connection from it is its own, even one reset before the client knew of it. */
  source(owner: string, client: string, ip: string): void {
    this.#sources.set(ip, { owner, client });
  }

  record(claimed: ClaimedRecord): void {
    const { record } = claimed;
    let connection = this.#connections.get(record.conn_id);
    if (!connection) {
      connection = newConnection(record, addressOf(record.peer_ip, record.peer_port));
      this.#connections.set(record.conn_id, connection);
    }
    const first = connection.records.length === 0;
    connection.records.push(claimed);
    if (first) this.#claim(connection, record.listener);
    if (record.kind === 'conn' && record.event === 'open') connection.openedAt = record.ts;
    if (record.kind === 'conn' && record.event === 'close') {
      connection.closed = true;
      connection.closedAt = record.ts;
      // The proxy resets the other side for a client's breach too.
      const resets = record.closed_by === 'proxy' || record.close_reason === 'client_protocol_error';
      connection.reset = record.client_end === 'rst' || resets;
      if (connection.reset) this.#resetOn(record.listener).connections.push(connection);
    }
    const upstreamLocal = record.kind === 'h2ctl' ? null : record.upstream_local;
    if (upstreamLocal !== null && connection.upstreamLocal === null) {
      connection.upstreamLocal = plainAddress(upstreamLocal);
      this.#join(`${connection.listener} ${connection.upstreamLocal}`, connection, null);
    }
    if (connection.closed) this.#pairReset(connection.listener);
    if (connection.claim) this.#onChange(connection.claim.owner);
  }

  observation(observation: ServerObservation): void {
    let seen = this.#serverConnections.get(observation.conn);
    if (!seen) {
      const remote = plainAddress(observation.remote);
      seen = { conn: observation.conn, remote, observations: [observation], connection: null };
      this.#serverConnections.set(observation.conn, seen);
      if (remote === unknownRemote) this.#anonymousServer(observation.endpoint, seen);
      else this.#join(`${observation.endpoint} ${remote}`, null, seen);
    } else seen.observations.push(observation);
    const owner = seen.connection?.claim?.owner;
    if (owner !== undefined) this.#onChange(owner);
  }

  /** What is still missing before a verdict, in words; empty when settled. */
  missing(owner: string, upstreamIsEndpoint: boolean): string[] {
    return (this.#claims.get(owner) ?? []).flatMap(({ socket, connection }) => {
      if (!connection) return [`the proxy wrote no record of the connection from ${socket}`];
      if (!connection.closed) return [`the connection from ${socket} has no close record`];
      if (connection.upstreamLocal === null || !upstreamIsEndpoint) return [];
      const { server } = connection;
      if (!server)
        return [`the server saw no connection from ${connection.upstreamLocal}, which is upstream_local`];
      return server.observations.some(({ observation }) => observation === 'close')
        ? []
        : [`the server's connection from ${connection.upstreamLocal} is not closed`];
    });
  }

  #resets = new Map<string, { connections: Connection[]; server: OwnedServerConnection[] }>();

  #resetOn(listener: string): { connections: Connection[]; server: OwnedServerConnection[] } {
    let both = this.#resets.get(listener);
    if (!both) {
      both = { connections: [], server: [] };
      this.#resets.set(listener, both);
    }
    return both;
  }

  /** The proxy passed a reset on, or reset after a limit, before the server had accepted, so that the server could not ask for the address either. */
  #anonymousServer(listener: string, server: OwnedServerConnection): void {
    this.#resetOn(listener).server.push(server);
    this.#pairReset(listener);
  }

  #pairReset(listener: string): void {
    const { connections, server } = this.#resetOn(listener);
    while (connections.length > 0 && server.length > 0) {
      const connection = connections.shift()!;
      if (connection.server !== null || connection.upstreamLocal === null) continue;
      connection.server = server.shift()!;
      connection.server.connection = connection;
      if (connection.claim) this.#onChange(connection.claim.owner);
    }
  }

  /** Whether the owner has a connection whose close record is not written. */
  hasOpenConnection(owner: string): boolean {
    return (this.#claims.get(owner) ?? []).some(({ connection }) => !connection?.closed);
  }

  ownerOf(connId: string): string | null {
    return this.#connections.get(connId)?.claim?.owner ?? null;
  }

  sockets(owner: string): { client: string; socket: string; connId: string | null }[] {
    return (this.#claims.get(owner) ?? []).map(({ client, socket, connection }) => ({
      client,
      socket,
      connId: connection?.connId ?? null,
    }));
  }

  recordsOf(owner: string): ClaimedRecord[] {
    const records = (this.#claims.get(owner) ?? []).flatMap(({ connection }) => connection?.records ?? []);
    return records.sort((left, right) => left.line - right.line);
  }

  serverConnectionsOf(owner: string): ServerConnection[] {
    return (this.#claims.get(owner) ?? []).flatMap(({ connection }) => connection?.server ?? []);
  }

  /** Connections nobody owns, in words. */
  orphans(): string[] {
    const ofProxy = [...this.#connections.values()]
      .filter(({ claim }) => claim === null)
      .map(
        ({ connId, peer, records }) =>
          `connection ${connId} from ${peer} (listener ${records[0]?.record.listener}, line ${records[0]?.line}) belongs to no case`,
      );
    const ofServer = [...this.#serverConnections.values()]
      .filter(({ connection }) => connection === null)
      .map(
        ({ remote, observations }) =>
          `the server's ${observations[0]?.endpoint} saw a connection from ${remote} that no record names`,
      );
    return [...ofProxy, ...ofServer];
  }

  #claim(connection: Connection, listener: string): void {
    if (connection.peer === unknownPeer) {
      this.#anonymousOn(listener).connections.push(connection);
      this.#pairAnonymous(listener);
      return;
    }
    const claim = this.#openClaims(connection.peer).shift() ?? this.#claimBySource(connection.peer);
    if (!claim) {
      listAt(this.#pendingByPeer, connection.peer).push(connection);
      return;
    }
    const released = claim.connection;
    this.#bind(claim, connection);
    if (released === null) return;
    // The claim had been given a connection without an address; its own has come after all.
    released.claim = null;
    this.#claim(released, listener);
  }

  #anonymous = new Map<string, { connections: Connection[]; claims: Claim[] }>();

  #anonymousOn(listener: string): { connections: Connection[]; claims: Claim[] } {
    let both = this.#anonymous.get(listener);
    if (!both) {
      both = { connections: [], claims: [] };
      this.#anonymous.set(listener, both);
    }
    return both;
  }

  /** A connection without an address belongs to a client of its listener that resets at once and has none yet. */
  #pairAnonymous(listener: string): void {
    const { connections, claims } = this.#anonymousOn(listener);
    while (connections.length > 0 && claims.length > 0) {
      const claim = claims.shift()!;
      if (claim.connection !== null) continue;
      this.#bind(claim, connections.shift()!);
      this.#onChange(claim.owner);
    }
  }

  #bind(claim: Claim, connection: Connection): void {
    claim.connection = connection;
    connection.claim = claim;
  }

  #sources = new Map<string, { owner: string; client: string }>();

  #claimBySource(peer: string): Claim | undefined {
    const source = this.#sources.get(peer.slice(0, peer.lastIndexOf(':')));
    if (!source) return undefined;
    const claim: Claim = { ...source, socket: peer, connection: null, bySource: true };
    listAt(this.#claims, source.owner).push(claim);
    return claim;
  }

  #openClaimsByPeer = new Map<string, Claim[]>();

  #openClaims(peer: string): Claim[] {
    return listAt(this.#openClaimsByPeer, peer);
  }

  /**
   * `address` is the endpoint and the proxy's port towards it: two endpoints may be reached from the same port. One port can be
   * used again within a run, so the sides are paired in the order they came, without those that have been paired otherwise.
   */
  #join(address: string, connection: Connection | null, server: OwnedServerConnection | null): void {
    let here = this.#byAddress.get(address);
    if (!here) {
      here = { waiting: [], server: [], joined: [] };
      this.#byAddress.set(address, here);
    }
    if (connection) {
      here.waiting.push(connection);
      if (here.server.length === 0) this.#takeBack(here, connection);
    }
    if (server) here.server.push(server);
    for (;;) {
      const [right] = here.server;
      const left = right && joinable(here.waiting, right);
      if (!left) break;
      here.waiting.splice(here.waiting.indexOf(left), 1);
      here.joined.push(left);
      here.server.shift();
      const anonymous = left.server;
      left.server = right;
      right.connection = left;
      if (anonymous === null) continue;
      // It had been given one without an address; its own has come after all.
      anonymous.connection = null;
      this.#anonymousServer(left.listener, anonymous);
    }
  }

  /**
   * A server tells of a connection before the proxy does: when its port was used again, the one that had ended by then was the only
   * one to wait for it. The one whose port it was since has come after all.
   */
  #takeBack(here: AtAddress, { openedAt }: Connection): void {
    const index = here.joined.findIndex(
      (one) => endedBefore(one, one.server!, 0) && openedAt <= acceptedAt(one.server!),
    );
    const [ended] = index === -1 ? [] : here.joined.splice(index, 1);
    if (!ended) return;
    here.server.push(ended.server!);
    ended.server!.connection = null;
    ended.server = null;
    here.waiting.unshift(ended);
    if (ended.reset) {
      this.#resetOn(ended.listener).connections.unshift(ended);
      this.#pairReset(ended.listener);
    }
    if (ended.claim) this.#onChange(ended.claim.owner);
  }
}

/** What a run asks of a ledger, whatever the records tell. */
export type ConnectionLedger = {
  /** An attempt starts on a listener that no other one uses meanwhile; only where records do not name their peer. */
  begin?(owner: string, listener: string, clients: { name: string; spec: ClientHeader }[]): void;
  socket(owner: string, client: string, socket: string, anonymousOn?: string | null): void;
  source(owner: string, client: string, ip: string): void;
  record(claimed: ClaimedRecord): void;
  observation(observation: ServerObservation): void;
  missing(owner: string, upstreamIsEndpoint: boolean): string[];
  hasOpenConnection(owner: string): boolean;
  ownerOf(connId: string): string | null;
  sockets(owner: string): { client: string; socket: string; connId: string | null }[];
  recordsOf(owner: string): ClaimedRecord[];
  serverConnectionsOf(owner: string): ServerConnection[];
  correlationOf?(owner: string): Correlation;
  /** Connections nobody owns, in words. */
  orphans(): string[];
};

type ClientHeader = Pick<ClientSpec, 'proxyHeader' | 'fault'>;

/** What the proxy writes for a peer whose address the kernel no longer knew. */
export const unknownPeer = '0.0.0.0:0';

/** What the fault-server writes for such a peer. */
export const unknownRemote = ':0';

/** `ip:port` without the IPv4-mapped prefix a dual-stack socket shows. */
export function plainAddress(address: string): string {
  return address.replace(/^\[?::ffff:(\d+\.\d+\.\d+\.\d+)\]?:/i, '$1:');
}

export function addressOf(ip: string, port: number): string {
  return plainAddress(ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);
}

function listAt<Item>(map: Map<string, Item[]>, key: string): Item[] {
  let list = map.get(key);
  if (!list) {
    list = [];
    map.set(key, list);
  }
  return list;
}
