import { seededPieces } from '../../protos/body/seeded-body.ts';
import { Meter } from '../endpoints/meter.ts';
import type { Exchange } from './exchange.ts';
import { modes } from './modes.ts';

/** Answers a request by its path. Every path understands `expect_proxy=none|v1|v2`: 500 when another one came. */
export function route(exchange: Exchange): void {
  const at = exchange.path.indexOf('?');
  const path = at < 0 ? exchange.path : exchange.path.slice(0, at);
  const query = new URLSearchParams(at < 0 ? '' : exchange.path.slice(at));
  const expected = query.get('expect_proxy');
  const seen = exchange.connection.proxyVersion;
  if (expected !== null && expected !== seen) {
    exchange.answer({
      status: 500,
      headers: TEXT,
      body: `expected PROXY ${expected}, got ${seen}\n`,
    });
    return;
  }
  const [, first = '', rest = ''] = /^\/([^/]*)\/?(.*)$/.exec(path) ?? [];
  const handler = first === 'mode' ? modes[rest] : paths[first];
  if (handler) handler(exchange, rest, query);
  else exchange.answer({ status: 404, headers: TEXT, body: `no such path: ${path}\n` });
}

export type Handler = (exchange: Exchange, rest: string, query: URLSearchParams) => void;

export const TEXT = { 'content-type': 'text/plain; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json' };

const paths: Record<string, Handler> = {
  /** Who just looks whether the server is there gets a word. */
  '': (exchange) => exchange.answer({ status: 200, headers: TEXT, body: 'fault-server\n' }),
  /** `/bytes/N?seed=S&chunked=1&trailers=1`: N bytes of the seeded body, by length or chunked. */
  bytes: (exchange, rest, query) => {
    const bytes = Number(rest);
    if (!Number.isSafeInteger(bytes) || bytes < 0) return badRequest(exchange, 'a number of bytes is needed');
    const chunked = query.get('chunked') === '1' || query.get('trailers') === '1';
    exchange.answer({
      status: 200,
      headers: {
        'content-type': 'application/octet-stream',
        ...(chunked ? {} : { 'content-length': String(bytes) }),
      },
      body: seededPieces(bytes, Number(query.get('seed') ?? 1)),
      trailers: query.get('trailers') === '1' ? { 'x-bytes': String(bytes) } : undefined,
    });
  },
  /** Sends the request body back as it comes, with the length it was announced with. */
  echo: (exchange) => {
    const field = (name: string) => exchange.headers.find(([key]) => key.toLowerCase() === name)?.[1];
    const length = field('content-length');
    exchange.answer({
      status: 200,
      headers: {
        'content-type': field('content-type') ?? 'application/octet-stream',
        ...(length ? { 'content-length': length } : {}),
      },
      body: exchange.body,
    });
  },
  /** Reads the request body and answers its length and SHA-256. */
  sink: (exchange) => {
    const meter = new Meter();
    exchange.body.on('data', (chunk: Buffer) => meter.add(chunk));
    exchange.body.once('end', () => {
      const body = `${JSON.stringify({ bytes: meter.bytes, sha256: meter.sha256() })}\n`;
      exchange.answer({ status: 200, headers: JSON_TYPE, body });
    });
  },
  status: (exchange, rest) => {
    const status = Number(rest);
    if (!(status >= 200 && status <= 599)) return badRequest(exchange, 'a status from 200 to 599 is needed');
    const bodyless = status === 204 || status === 205 || status === 304;
    exchange.answer({ status, headers: TEXT, body: bodyless ? undefined : `status ${status}\n` });
  },
  trailers: (exchange) =>
    exchange.answer({
      status: 200,
      headers: TEXT,
      body: 'trailers follow\n',
      trailers: { 'x-trailer-one': '1', 'x-trailer-two': 'two' },
    }),
  /** `/informational/103`: an interim answer before the final one. */
  informational: (exchange, rest) => {
    if (rest !== '103' && rest !== '102') return badRequest(exchange, '102 or 103 is needed');
    exchange.inform(Number(rest), rest === '103' ? { link: '</style.css>; rel=preload; as=style' } : {});
    exchange.answer({ status: 200, headers: TEXT, body: `after ${rest}\n` });
  },
  'no-content': (exchange) => exchange.answer({ status: 204 }),
  /** A 304 may carry the Content-Length of the answer it stands for, and no body (RFC 9110 8.6). */
  'not-modified': (exchange) =>
    exchange.answer({ status: 304, headers: { etag: '"wiretracer"', 'content-length': '1234' } }),
  'eof-delimited': (exchange) =>
    exchange.answer({
      status: 200,
      headers: { ...TEXT, ...(exchange.protocol === 'h1' ? { connection: 'close' } : {}) },
      body: ['this body ends ', 'with its connection\n'].map((part) => Buffer.from(part)),
      untilClose: true,
    }),
  /** HTTP/1.1: `Connection: close` after the answer. HTTP/2 forbids the field, there it is a plain answer. */
  close: (exchange) =>
    exchange.answer({
      status: 200,
      headers: { ...TEXT, ...(exchange.protocol === 'h1' ? { connection: 'close' } : {}) },
      body: 'goodbye\n',
    }),
  cookies: (exchange) =>
    exchange.answer({
      status: 200,
      headers: { ...TEXT, 'set-cookie': ['a=1; Path=/', 'b=2; Path=/; HttpOnly'] },
      body: 'two cookies\n',
    }),
  /** The request's header fields as a JSON list of pairs, order and duplicates kept. */
  headers: (exchange) =>
    exchange.answer({ status: 200, headers: JSON_TYPE, body: `${JSON.stringify(exchange.headers)}\n` }),
  push: (exchange) => {
    exchange.push?.('/pushed', 'pushed\n');
    exchange.answer({ status: 200, headers: TEXT, body: exchange.push ? 'pushed one\n' : 'no push\n' });
  },
};

function badRequest(exchange: Exchange, why: string): void {
  exchange.answer({ status: 400, headers: TEXT, body: `${why}\n` });
}
