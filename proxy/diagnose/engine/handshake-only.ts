import type { Connection } from '../facts/connection.ts';
import type { Handshake } from '../facts/handshake.ts';
import { Counter } from './counter.ts';

/** Connections of one listener that asked for one name by SNI. */
export type NameGroup = {
  listener: string;
  sni: string;
  /** On which something was sent. */
  used: number;
  /** That the client ended once it had seen the certificate, without a byte of HTTP. */
  left: number;
  clients: Counter;
  upstreams: Counter;
  firstTs: number | null;
  lastTs: number | null;
  first: { handshake: Handshake; closeRecord: string | null; closeLine: number } | null;
};

const mostGroups = 1000;

/** By which names clients ask, and whether they go on once they have seen the certificate. */
export class HandshakeOnly {
  readonly #groups = new Map<string, NameGroup>();

  add(connection: Connection): void {
    const { tlsIn, close, listener } = connection;
    if (tlsIn === null || close === null || connection.tlsOut?.ok === false) return;
    // A client that refuses the certificate in TLS 1.3 leaves before the end of the handshake.
    const left = tlsIn.cause === 'client_eof' || tlsIn.cause === 'client_reset';
    if (!tlsIn.ok && !(left && tlsIn.ja4 !== null)) return;
    const sni = tlsIn.sni ?? '';
    const group = this.#of(listener, sni);
    if (group === null) return;
    if (tlsIn.ok && (close.bytesIn ?? 1) > 0) {
      group.used += 1;
      return;
    }
    if (close.closedBy !== 'client') return;
    group.left += 1;
    group.first ??= { handshake: tlsIn, closeRecord: close.record, closeLine: close.line };
    group.clients.add(connection.clientIp);
    group.upstreams.add(connection.upstream);
    const { firstTs, lastTs } = connection;
    if (firstTs !== null && (group.firstTs === null || firstTs < group.firstTs)) group.firstTs = firstTs;
    if (lastTs !== null && (group.lastTs === null || lastTs > group.lastTs)) group.lastTs = lastTs;
  }

  all(): NameGroup[] {
    return [...this.#groups.values()];
  }

  #of(listener: string, sni: string): NameGroup | null {
    const key = `${listener}\n${sni}`;
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    if (this.#groups.size >= mostGroups) return null;
    const group: NameGroup = {
      listener,
      sni,
      used: 0,
      left: 0,
      clients: new Counter(),
      upstreams: new Counter(50),
      firstTs: null,
      lastTs: null,
      first: null,
    };
    this.#groups.set(key, group);
    return group;
  }
}
