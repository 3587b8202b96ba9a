import type { Connection } from '../facts/connection.ts';
import { Counter } from './counter.ts';
import { Flows } from './flows.ts';
import { HandshakeOnly } from './handshake-only.ts';
import { HeaderOutcomes } from './header-outcomes.ts';
import { Lift } from './lift.ts';
import { Peers } from './peers.ts';

export type PathTotals = { connections: number; exchanges: number };

/** Beyond this many listeners and upstreams their numbers are put together. */
const mostPaths = 1000;

/** What is counted over all connections, whatever became of them. Memory is bounded. */
export class Totals {
  connections = 0;
  exchanges = 0;
  firstTs: number | null = null;
  lastTs: number | null = null;
  /** Lines the proxy could not write, as its stop lines say. */
  droppedRecords = 0;
  droppedAt: { line: number; ts: number | null } | null = null;
  readonly listeners = new Counter(500);
  readonly flows = new Flows();
  readonly lift = new Lift();
  readonly peers = new Peers();
  readonly headers = new HeaderOutcomes();
  readonly names = new HandshakeOnly();
  readonly #paths = new Map<string, PathTotals>();

  /** `failed`: a rule found something wrong; `unexplained`: none that proves why; `timedOut`: somebody ran out of patience. */
  add(connection: Connection, outcome: { failed: boolean; unexplained: boolean; timedOut: boolean }): void {
    this.connections += 1;
    this.exchanges += connection.exchanges;
    this.listeners.add(connection.listener);
    const path = this.#path(pathKey(connection.listener, connection.upstream));
    path.connections += 1;
    path.exchanges += connection.exchanges;
    if (connection.firstTs !== null && (this.firstTs === null || connection.firstTs < this.firstTs))
      this.firstTs = connection.firstTs;
    if (connection.lastTs !== null && (this.lastTs === null || connection.lastTs > this.lastTs))
      this.lastTs = connection.lastTs;
    this.lift.add(connection, outcome.failed, outcome.unexplained);
    this.flows.add(connection, outcome.failed, outcome.timedOut);
    this.peers.add(connection);
    this.headers.add(connection);
    this.names.add(connection);
  }

  /** What went the ways that these keys name. */
  along(paths: Iterable<string>): PathTotals {
    const sum = { connections: 0, exchanges: 0 };
    for (const key of paths) {
      const path = this.#paths.get(key) ?? this.#paths.get('');
      sum.connections += path?.connections ?? 0;
      sum.exchanges += path?.exchanges ?? 0;
    }
    return sum;
  }

  #path(key: string): PathTotals {
    let path = this.#paths.get(key);
    if (path === undefined && this.#paths.size >= mostPaths) path = this.#paths.get('');
    if (path === undefined) {
      path = { connections: 0, exchanges: 0 };
      this.#paths.set(this.#paths.size >= mostPaths ? '' : key, path);
    }
    return path;
  }
}

export function pathKey(listener: string, upstream: string): string {
  return `${listener}\n${upstream}`;
}
