import type { Connection } from '../facts/connection.ts';
import type { Source } from '../facts/values.ts';

/** What one client tried of one upstream. */
export type Flow = {
  client: string;
  listener: string;
  upstream: string;
  attempts: number;
  failures: number;
  timeouts: number;
  /** Of the failures. */
  firstTs: number | null;
  lastTs: number | null;
  /** The failures in a row that are going on, and the most there were. */
  row: number;
  longestRow: number;
  /** Records of the first failure and of the last. */
  first: Source | null;
  last: Source | null;
};

const mostFlows = 5000;

/** Attempts by client, listener and upstream: for storms of retries and of timeouts. */
export class Flows {
  readonly #flows = new Map<string, Flow>();

  add(connection: Connection, failed: boolean, timedOut: boolean): void {
    const key = `${connection.clientIp}\n${connection.listener}\n${connection.upstream}`;
    let flow = this.#flows.get(key);
    if (flow === undefined) {
      if (this.#flows.size >= mostFlows) this.#makeRoom();
      flow = createFlow(connection);
      this.#flows.set(key, flow);
    }
    const failures = failuresOf(connection, failed);
    flow.attempts += Math.max(1, connection.exchanges);
    flow.failures += failures;
    if (timedOut) flow.timeouts += Math.max(1, failures);
    flow.row = connection.successes > 0 || failures === 0 ? 0 : flow.row + failures;
    flow.longestRow = Math.max(flow.longestRow, flow.row);
    if (failures === 0) return;
    const source = connection.close ?? connection.open;
    if (source !== null) {
      const { record, line, kind } = source;
      flow.last = { record, line, kind };
      flow.first ??= flow.last;
    }
    const { firstTs, lastTs } = connection;
    if (firstTs !== null && (flow.firstTs === null || firstTs < flow.firstTs)) flow.firstTs = firstTs;
    if (lastTs !== null && (flow.lastTs === null || lastTs > flow.lastTs)) flow.lastTs = lastTs;
  }

  all(): Iterable<Flow> {
    return this.#flows.values();
  }

  /** Flows that never failed tell nothing; if there is none, the oldest goes. */
  #makeRoom(): void {
    let freed = 0;
    for (const [key, flow] of this.#flows) {
      if (flow.failures > 0) continue;
      this.#flows.delete(key);
      freed += 1;
      if (freed >= mostFlows / 4) return;
    }
    if (freed > 0) return;
    const [oldest] = this.#flows.keys();
    this.#flows.delete(oldest!);
  }
}

function createFlow(connection: Connection): Flow {
  const { clientIp: client, listener, upstream } = connection;
  return {
    client,
    listener,
    upstream,
    attempts: 0,
    failures: 0,
    timeouts: 0,
    firstTs: null,
    lastTs: null,
    row: 0,
    longestRow: 0,
    first: null,
    last: null,
  };
}

/** Exchanges that failed; a connection that failed before any is one failure. */
function failuresOf(connection: Connection, failed: boolean): number {
  if (!failed) return 0;
  return Math.max(1, connection.exchanges - connection.successes);
}
