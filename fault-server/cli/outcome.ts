import type { ServerObservation } from '../../protos/control/fault-server.ts';

type Of<K extends ServerObservation['observation']> = Extract<ServerObservation, { observation: K }>;

/** What happened on one connection, put together at its end. */
export type Outcome = {
  endpoint: string;
  conn: number;
  remote: string;
  /** False: the limits left the connection out, and it was served well. */
  chosen: boolean;
  /** What the fault did, in its own words; empty where it never came to pass. */
  did: string[];
  proxy: Of<'proxy'> | null;
  tls: Of<'tls'> | null;
  requests: { protocol: string; method: string; path: string; body_bytes: number; complete: boolean }[];
  answers: number[];
  peer: { said: Of<'peer'>['said']; code: number; name: string; stream_id: number | null }[];
  peer_end: 'fin' | 'rst' | null;
  ended_by: 'self' | 'peer';
  bytes_in: number;
  bytes_out: number;
  duration_ms: number;
};

/** Collects the observations of connections; gives the outcome of one with its last. What is kept of each is bounded. */
export class Outcomes {
  readonly #open = new Map<number, { outcome: Outcome; opened: number }>();

  observe(seen: ServerObservation): Outcome | null {
    if (seen.observation === 'open') this.#open.set(seen.conn, begin(seen));
    const entry = this.#open.get(seen.conn);
    if (!entry) return null;
    const { outcome } = entry;
    switch (seen.observation) {
      case 'proxy':
        outcome.proxy = seen;
        break;
      case 'tls':
        outcome.tls = seen;
        break;
      case 'request': {
        const { protocol, method, path, body_bytes, complete } = seen;
        keep(outcome.requests, { protocol, method, path: path.slice(0, 200), body_bytes, complete });
        break;
      }
      case 'response':
        keep(outcome.answers, seen.status ?? 0);
        break;
      case 'fault':
        keep(outcome.did, seen.detail);
        break;
      case 'peer':
        keep(outcome.peer, { said: seen.said, code: seen.code, name: seen.name, stream_id: seen.stream_id });
        break;
      case 'close':
        this.#open.delete(seen.conn);
        outcome.peer_end = seen.peer_end;
        outcome.ended_by = seen.by;
        outcome.bytes_in = seen.bytes_in;
        outcome.bytes_out = seen.bytes_out;
        outcome.duration_ms = Math.round((seen.ts - entry.opened) * 1000);
        return outcome;
    }
    return null;
  }
}

const MAX_KEPT = 100;

function keep<T>(list: T[], item: T): void {
  if (list.length < MAX_KEPT) list.push(item);
}

function begin({ endpoint, conn, remote, ts, spared }: Of<'open'>): { outcome: Outcome; opened: number } {
  const nothing = { did: [], proxy: null, tls: null, requests: [], answers: [], peer: [], peer_end: null };
  const ends = { ended_by: 'self', bytes_in: 0, bytes_out: 0, duration_ms: 0 } as const;
  return { outcome: { endpoint, conn, remote, chosen: spared !== true, ...nothing, ...ends }, opened: ts };
}
