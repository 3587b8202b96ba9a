import type { Close } from '../facts/close.ts';
import type { Connection } from '../facts/connection.ts';
import type { ExchangeGroup } from '../facts/exchange.ts';
import { Counter } from './counter.ts';

export type Outcome = {
  upstream: string;
  /** `none`, `v1` or `v2`: the PROXY header that went to the upstream before everything else. */
  header: string;
  well: number;
  /** Refused by the first answer, or ended before one. */
  refused: number;
  clients: Counter;
  listeners: Counter;
  firstTs: number | null;
  lastTs: number | null;
  /** The first connection that was refused, and how. */
  refusal: { close: Close; group: ExchangeGroup | null; tlsFailed: boolean } | null;
  wellLine: { record: string | null; line: number; kind: string } | null;
};

const mostUpstreams = 500;

/** What upstreams do with connections that begin with a PROXY header, and with those that do not. */
export class HeaderOutcomes {
  readonly #outcomes = new Map<string, Outcome>();

  add(connection: Connection): void {
    const { close, proxyVersion, upstream } = connection;
    if (close === null || close.upstreamLocal === null || !/^(?:none|v1|v2)$/.test(proxyVersion ?? ''))
      return;
    const outcome = this.#of(upstream, proxyVersion!);
    if (outcome === null) return;
    const refusal = refusalOf(connection, close);
    if (refusal === null) {
      if (connection.successes === 0) return;
      outcome.well += 1;
      outcome.wellLine ??= { record: close.record, line: close.line, kind: close.kind };
      return;
    }
    outcome.refused += 1;
    outcome.refusal ??= refusal;
    outcome.clients.add(connection.clientIp);
    outcome.listeners.add(connection.listener);
    const { firstTs, lastTs } = connection;
    if (firstTs !== null && (outcome.firstTs === null || firstTs < outcome.firstTs))
      outcome.firstTs = firstTs;
    if (lastTs !== null && (outcome.lastTs === null || lastTs > outcome.lastTs)) outcome.lastTs = lastTs;
  }

  get(upstream: string, header: string): Outcome | null {
    return this.#outcomes.get(`${header}\n${upstream}`) ?? null;
  }

  all(): Iterable<Outcome> {
    return this.#outcomes.values();
  }

  #of(upstream: string, header: string): Outcome | null {
    const key = `${header}\n${upstream}`;
    const known = this.#outcomes.get(key);
    if (known !== undefined) return known;
    if (this.#outcomes.size >= mostUpstreams) return null;
    const outcome: Outcome = {
      upstream,
      header,
      well: 0,
      refused: 0,
      clients: new Counter(),
      listeners: new Counter(),
      firstTs: null,
      lastTs: null,
      refusal: null,
      wellLine: null,
    };
    this.#outcomes.set(key, outcome);
    return outcome;
  }
}

/** A server that takes a header for a request answers 400 and closes; in TLS it ends the handshake; or it just closes. */
function refusalOf(connection: Connection, close: Close): Outcome['refusal'] {
  const { tlsOut, groups, exchanges, successes } = connection;
  if (successes > 0) return null;
  if (tlsOut !== null && !tlsOut.ok) {
    const abrupt = /^(?:connection_terminated|server_alert|upstream_not_tls|tls_protocol_error)/.test(
      tlsOut.cause ?? '',
    );
    return abrupt ? { close, group: null, tlsFailed: true } : null;
  }
  if (close.closedBy !== 'upstream') return null;
  const [group] = groups.values();
  if (exchanges === 1 && group !== undefined) {
    const refused =
      group.status === 400 ||
      (group.status === null && (close.cause === 'eof_before_headers' || close.cause === 'reset')) ||
      // Without a PROXY header this is HTTP/2 at a server of HTTP/1.1.
      (connection.proxyVersion !== 'none' && group.error?.startsWith('the first bytes are "HTTP/1.'));
    return refused ? { close, group, tlsFailed: false } : null;
  }
  const raw = exchanges === 0 && close.protocol === 'raw' && (close.bytesIn ?? 0) > 0;
  return raw ? { close, group: null, tlsFailed: false } : null;
}
