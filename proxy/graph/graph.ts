import { Counter } from '../diagnose/engine/counter.ts';
import { endedWell } from '../diagnose/engine/judgement.ts';
import { OpenConnections } from '../diagnose/engine/open-connections.ts';
import type { Connection } from '../diagnose/facts/connection.ts';
import type { Predicate } from '../query/filter/compile.ts';
import type { ReadRecord } from '../query/reading/record-reader.ts';
import { type LegState, legIn, legOut } from './leg.ts';

/** Connections that took the same way: client → listener → upstream, with the same protocols on both legs. */
export type Chain = {
  client: string;
  listener: string;
  upstream: string;
  proxy_version: string | null;
  leg_in: LegState;
  leg_out: LegState;
  tls_in: string | null;
  alpn_in: string | null;
  tls_out: string | null;
  alpn_out: string | null;
  connections: number;
  failed_connections: number;
  /** Without a close record: still open, or beyond the end of the file. */
  open_connections: number;
  exchanges: number;
  failed_exchanges: number;
  bytes_in: number;
  bytes_out: number;
  since: number | null;
  until: number | null;
  causes: { value: string; count: number }[];
};

/** Connections of one listener that went on to another one: two proxies in a row. */
export type Hop = { from: string; to: string; connections: number };

export type Graph = { schema: 'wiretracer-graph/1'; chains: Chain[]; more_chains: number; hops: Hop[] };

type Building = Chain & { counted: Counter };

const mostChains = 50_000;
const mostEnds = 200_000;

/** Folds records into chains. Memory is bounded: what goes beyond is counted. */
export class GraphBuilder {
  readonly #wanted: Predicate | null;
  readonly #chains = new Map<string, Building>();
  readonly #open = new OpenConnections((connection) => this.#add(connection));
  /** Listener by the proxy's own end towards the upstream, and by the end of its client. */
  readonly #leaving = new Map<string, string>();
  readonly #arriving = new Map<string, string>();
  #moreChains = 0;

  constructor(wanted: Predicate | null = null) {
    this.#wanted = wanted;
  }

  add(record: ReadRecord, line: number): void {
    const { conn_id: id } = record;
    if (typeof id !== 'string' || record.kind === 'meta') return;
    const connection = this.#open.add(id, record, line);
    if (!connection.wanted) connection.wanted = this.#wanted === null || this.#wanted(record);
  }

  /** Connections of one file are not those of the next. */
  endOfFile(): void {
    this.#open.finish();
  }

  graph(): Graph {
    const chains = [...this.#chains.values()]
      .map(({ counted, ...chain }): Chain => ({ ...chain, causes: counted.top(3) }))
      .sort((a, b) => b.connections - a.connections || (nameOf(a) < nameOf(b) ? -1 : 1));
    return { schema: 'wiretracer-graph/1', chains, more_chains: this.#moreChains, hops: this.#hops() };
  }

  #add(connection: Connection): void {
    if (!connection.wanted) return;
    const chain = this.#chainOf(connection);
    if (chain !== null) count(chain, connection);
    const { close, listener } = connection;
    if (close?.upstreamLocal && this.#leaving.size < mostEnds)
      this.#leaving.set(close.upstreamLocal, listener);
    if (connection.peerIp !== '' && this.#arriving.size < mostEnds)
      this.#arriving.set(`${connection.peerIp}:${connection.peerPort}`, listener);
  }

  #chainOf(connection: Connection): Building | null {
    const { tlsIn, tlsOut, proxyVersion } = connection;
    const chain: Building = {
      client: connection.clientIp,
      listener: connection.listener,
      upstream: connection.upstream,
      proxy_version: proxyVersion,
      leg_in: legIn(connection),
      leg_out: legOut(connection),
      tls_in: tlsIn?.version ?? null,
      alpn_in: tlsIn?.alpn ?? null,
      tls_out: tlsOut?.version ?? null,
      alpn_out: tlsOut?.alpn ?? null,
      connections: 0,
      failed_connections: 0,
      open_connections: 0,
      exchanges: 0,
      failed_exchanges: 0,
      bytes_in: 0,
      bytes_out: 0,
      since: null,
      until: null,
      causes: [],
      counted: new Counter(20),
    };
    const key = JSON.stringify(Object.values(chain).slice(0, 10));
    const known = this.#chains.get(key);
    if (known !== undefined) return known;
    if (this.#chains.size >= mostChains) {
      this.#moreChains += 1;
      return null;
    }
    this.#chains.set(key, chain);
    return chain;
  }

  #hops(): Hop[] {
    const counts = new Map<string, Hop>();
    for (const [end, from] of this.#leaving) {
      const to = this.#arriving.get(end);
      if (to === undefined) continue;
      const key = `${from}\n${to}`;
      const hop = counts.get(key) ?? { from, to, connections: 0 };
      hop.connections += 1;
      counts.set(key, hop);
    }
    return [...counts.values()].sort((a, b) => b.connections - a.connections);
  }
}

function count(chain: Building, connection: Connection): void {
  const { close, firstTs, lastTs } = connection;
  chain.connections += 1;
  chain.exchanges += connection.exchanges;
  for (const group of connection.groups.values()) {
    if (group.cause !== null || group.error !== null) chain.failed_exchanges += group.count;
  }
  if (close === null) chain.open_connections += 1;
  else if (!endedWell(close.term, close.cause)) {
    chain.failed_connections += 1;
    chain.counted.add(close.cause ?? close.reason ?? 'unknown');
  }
  chain.bytes_in += close?.bytesIn ?? 0;
  chain.bytes_out += close?.bytesOut ?? 0;
  if (firstTs !== null) chain.since = Math.min(chain.since ?? firstTs, firstTs);
  if (lastTs !== null) chain.until = Math.max(chain.until ?? lastTs, lastTs);
}

function nameOf({ client, listener, upstream }: Chain): string {
  return `${listener}\n${upstream}\n${client}`;
}
