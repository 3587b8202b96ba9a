import type { ServerObservation } from '../../protos/control/fault-server.ts';
import type { ServerConnection } from '../run/evidence.ts';
import { plainAddress, unknownRemote } from '../run/ledger.ts';

/**
 * Who owns which connection of the endpoints that clients reach without the proxy. There is one leg only: the address the
 * client bound or reported is the one the server saw. What stays without an owner is an orphan here too.
 */
export class DirectLedger {
  #clients: DirectClient[] = [];
  #connections = new Map<number, Owned>();
  #unowned = new Set<Owned>();
  /** Addresses of clients whose case did not wait for them: nobody asks for their connections any more. */
  #past = new Set<string>();
  #onChange: (owner: string) => void;

  constructor(onChange: (owner: string) => void) {
    this.#onChange = onChange;
  }

  /** Before a client starts; `source` is the address it binds alone, null where it cannot. */
  client(owner: string, name: string, endpoint: string, source: string | null): void {
    this.#clients.push({ owner, name, endpoint, source, sockets: [], connections: [] });
  }

  /** A client's socket is connected. */
  socket(owner: string, name: string, socket: string): void {
    const client = this.#clients.find((item) => item.owner === owner && item.name === name);
    const address = plainAddress(socket);
    if (client) client.sockets.push(address);
    else this.#past.add(address);
    for (const owned of this.#unowned) this.#assign(owned);
    this.#onChange(owner);
  }

  observation(observation: ServerObservation): void {
    let owned = this.#connections.get(observation.conn);
    if (!owned) {
      const { conn, endpoint } = observation;
      owned = { conn, endpoint, remote: plainAddress(observation.remote), observations: [], client: null };
      this.#connections.set(conn, owned);
      this.#unowned.add(owned);
      this.#assign(owned);
    }
    owned.observations.push(observation);
    if (owned.client) this.#onChange(owned.client.owner);
  }

  /** What the server has not told yet, in words; empty when settled. */
  missing(owner: string): string[] {
    return this.#of(owner).flatMap(({ name, sockets, connections }) => {
      if (connections.length < sockets.length)
        return [
          `without the proxy, the server saw ${connections.length} of ${name}'s ${sockets.length} sockets`,
        ];
      return connections
        .filter(({ observations }) => !observations.some(({ observation }) => observation === 'close'))
        .map(({ remote }) => `without the proxy, the server's connection from ${remote} is not closed`);
    });
  }

  connectionsOf(owner: string, name: string): ServerConnection[] {
    const connections = this.#of(owner).find((client) => client.name === name)?.connections ?? [];
    return connections.map(({ conn, remote, observations }) => ({ conn, remote, observations }));
  }

  /** Frees what only a running case needs; its connections keep their owner. */
  done(owner: string): void {
    for (const { source, sockets, connections } of this.#of(owner)) {
      const unseen = sockets.filter((socket) => !connections.some(({ remote }) => remote === socket));
      for (const address of source === null ? unseen : [source]) this.#past.add(address);
    }
    this.#clients = this.#clients.filter((client) => client.owner !== owner);
    for (const [conn, owned] of this.#connections)
      if (owned.client?.owner === owner) this.#connections.set(conn, { ...owned, observations: [] });
  }

  orphans(): string[] {
    return [...this.#unowned].map(
      ({ endpoint, remote }) =>
        `the server's ${endpoint} saw a connection from ${remote} that no client made`,
    );
  }

  #of(owner: string): DirectClient[] {
    return this.#clients.filter((client) => client.owner === owner);
  }

  #assign(owned: Owned): void {
    const there = this.#clients.filter(({ endpoint }) => endpoint === owned.endpoint);
    const ip = owned.remote.slice(0, owned.remote.lastIndexOf(':'));
    const client =
      // A peer that reset before it was accepted has no address any more: it is one of those whose connection is missing.
      owned.remote === unknownRemote
        ? there.find(({ sockets, connections }) => connections.length < sockets.length)
        : (there.find(({ source }) => source === ip) ??
          there.find(({ sockets, connections }) => {
            const seen = connections.filter(({ remote }) => remote === owned.remote).length;
            return sockets.filter((socket) => socket === owned.remote).length > seen;
          }));
    if (!client) {
      if (this.#past.has(ip) || this.#past.has(owned.remote)) this.#unowned.delete(owned);
      return;
    }
    owned.client = client;
    this.#unowned.delete(owned);
    client.connections.push(owned);
    this.#onChange(client.owner);
    if (client.connections.length > client.sockets.length) this.#release(client);
  }

  /** One without an address was given to this client in place of its own, which has come after all: it is another's. */
  #release(client: DirectClient): void {
    const at = client.connections.findIndex(({ remote }) => remote === unknownRemote);
    const [other] = at === -1 ? [] : client.connections.splice(at, 1);
    if (!other) return;
    other.client = null;
    this.#unowned.add(other);
    this.#assign(other);
  }
}

type DirectClient = {
  owner: string;
  name: string;
  endpoint: string;
  source: string | null;
  sockets: string[];
  connections: Owned[];
};

type Owned = ServerConnection & { endpoint: string; client: DirectClient | null };
