import type { Connection } from '../facts/connection.ts';
import { Counter } from './counter.ts';

/** What came from one TCP peer to one listener. */
export type Peer = {
  ip: string;
  listener: string;
  upstream: string;
  /** Connections without a PROXY header on which something was sent, and those with one. */
  bare: number;
  headed: number;
  /** Clients that its headers named. */
  sources: Counter;
  /** Kinds of client among the bare ones, by their ClientHello. */
  kinds: Counter;
  firstTs: number | null;
  lastTs: number | null;
  firstBare: { record: string | null; line: number; kind: string } | null;
  firstHeaded: { record: string | null; line: number; kind: string; source: string | null } | null;
};

const mostPeers = 2000;

/** Who connects, beneath what PROXY headers say. */
export class Peers {
  readonly #peers = new Map<string, Peer>();

  add(connection: Connection): void {
    // Without bytes it may be a health check, which has no client to name. 1.50 does not tell the peer.
    if (connection.peerIp === '' || connection.close === null) return;
    const key = `${connection.listener}\n${connection.peerIp}`;
    let peer = this.#peers.get(key);
    if (peer === undefined) {
      if (this.#peers.size >= mostPeers) return;
      peer = createPeer(connection);
      this.#peers.set(key, peer);
    }
    const source = connection.open ?? connection.close;
    const { firstTs, lastTs } = connection;
    if (connection.proxyVersion === 'v1' || connection.proxyVersion === 'v2') {
      if (connection.proxyCommand === 'LOCAL') return;
      peer.headed += 1;
      if (connection.clientIp !== '') peer.sources.add(connection.clientIp);
      peer.firstHeaded ??= { ...refOf(source), source: connection.proxySource };
    } else if (connection.proxyVersion === 'none' && (connection.close.bytesIn ?? 0) > 0) {
      peer.bare += 1;
      peer.kinds.add(connection.tlsIn?.ja4 ?? 'plaintext');
      peer.firstBare ??= refOf(source);
      if (firstTs !== null && (peer.firstTs === null || firstTs < peer.firstTs)) peer.firstTs = firstTs;
      if (lastTs !== null && (peer.lastTs === null || lastTs > peer.lastTs)) peer.lastTs = lastTs;
    }
  }

  all(): Iterable<Peer> {
    return this.#peers.values();
  }
}

function createPeer(connection: Connection): Peer {
  return {
    ip: connection.peerIp,
    listener: connection.listener,
    upstream: connection.upstream,
    bare: 0,
    headed: 0,
    sources: new Counter(50),
    kinds: new Counter(50),
    firstTs: null,
    lastTs: null,
    firstBare: null,
    firstHeaded: null,
  };
}

function refOf({ record, line, kind }: { record: string | null; line: number; kind: string }): {
  record: string | null;
  line: number;
  kind: string;
} {
  return { record, line, kind };
}
