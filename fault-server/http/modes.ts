import { seededChunk, seededPieces } from '../../protos/body/seeded-body.ts';
import type { Exchange } from './exchange.ts';

/** The `/mode/*` paths: the ways of a server to fail that users of the original suite know. */
export const modes: Record<string, (exchange: Exchange, rest: string, query: URLSearchParams) => void> = {
  ok: (exchange) => answerOk(exchange),
  /** Reads the request and never answers; `t`: ends the connection after that many seconds. */
  hang: (exchange, _rest, query) => {
    const { connection } = exchange;
    connection.fault('mode-hang', `${exchange.method} ${exchange.path} stays unanswered`);
    behindEnd(exchange, () => connection.end());
    if (query.has('t')) after(exchange, seconds(query, 0), () => connection.end());
  },
  close_early: (exchange) => {
    exchange.connection.fault('mode-close-early', 'FIN before an answer');
    exchange.closeEarly();
  },
  truncate: (exchange) => {
    exchange.connection.fault('mode-truncate', 'FIN after half of the announced body');
    exchange.truncate(seededChunk(1, 0, 2000));
  },
  rst: (exchange) => {
    const what = exchange.protocol === 'h2' ? 'RST_STREAM INTERNAL_ERROR' : 'TCP RST';
    exchange.connection.fault('mode-rst', what);
    exchange.reset();
  },
  /** Answers after `t` seconds, default 10, or with `until=end` behind the peer's FIN; with `bytes` by that many of the seeded body. */
  sleep_headers: (exchange, _rest, query) => {
    const { connection } = exchange;
    const bytes = Number(query.get('bytes') ?? 0);
    const large = Number.isSafeInteger(bytes) && bytes > 0;
    const answer = () => (large ? answerBytes(exchange, bytes) : answerOk(exchange));
    if (query.get('until') === 'end') {
      connection.fault('mode-sleep-headers', "the answer comes behind the peer's FIN");
      behindEnd(exchange, answer);
      return;
    }
    const waitSeconds = seconds(query, 10);
    connection.fault('mode-sleep-headers', `the answer comes after ${waitSeconds} s`);
    after(exchange, waitSeconds, answer);
  },
};

function answerBytes(exchange: Exchange, bytes: number): void {
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(bytes) };
  exchange.answer({ status: 200, headers, body: seededPieces(bytes, 1) });
}

function answerOk(exchange: Exchange): void {
  const { proxyVersion, proxySrc, proxyDst } = exchange.connection;
  const addresses = proxySrc === null ? '' : ` src=${proxySrc} dst=${proxyDst}`;
  exchange.answer({
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: `ok proxy=${proxyVersion}${addresses}\n`,
  });
}

function seconds(query: URLSearchParams, fallback: number): number {
  const given = Number(query.get('t') ?? fallback);
  return Number.isFinite(given) && given >= 0 ? Math.min(given, 86_400) : fallback;
}

/** Does it once the peer's FIN has come, which it may have before the request was handled. */
function behindEnd({ connection }: Exchange, what: () => void): void {
  if (connection.stream.readableEnded) what();
  else connection.stream.once('end', what);
}

/** Does it later, unless the connection is gone by then. */
function after(exchange: Exchange, waitSeconds: number, what: () => void): void {
  const timer = setTimeout(what, waitSeconds * 1000);
  exchange.connection.raw.once('close', () => clearTimeout(timer));
}
