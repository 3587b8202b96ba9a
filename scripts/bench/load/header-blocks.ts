/** Header blocks as connections carry them: the same client and server, another path, size, date and trace each time. */
import { HpackEncoder } from '../../../protos/hpack/encoder.ts';

type Fields = [name: string, value: string][];

/** For each connection its blocks in order, as of one direction. The same for the same arguments. */
export function variedTraffic(connections: number, blocksEach: number): Buffer[][] {
  const random = generator(7541);
  return Array.from({ length: connections }, (_, connection) => {
    const encoder = new HpackEncoder();
    const make = [request, response, call][connection % 3]!;
    return Array.from({ length: blocksEach }, (_, n) => encoder.encode(make(random, n)));
  });
}

function request(random: () => number, n: number): Fields {
  return [
    [':method', pick(random, ['GET', 'GET', 'GET', 'POST'])],
    [':scheme', 'https'],
    [':authority', pick(random, ['www.example.com', 'static.example.com', 'api.example.com'])],
    [':path', `/assets/${pick(random, ['img', 'js', 'css'])}/${hex(random, 8)}?v=${n}`],
    ['user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
    ['accept', pick(random, ['*/*', 'image/avif,image/webp,*/*', 'text/css,*/*;q=0.1'])],
    ['accept-language', 'en-GB,en;q=0.7,de;q=0.3'],
    ['accept-encoding', 'gzip, deflate, br, zstd'],
    ['referer', `https://www.example.com/page/${Math.floor(random() * 20)}`],
    ['cookie', 'session=8f2c0e1d9ab34f67; theme=dark'],
    ['sec-fetch-mode', 'no-cors'],
    ['traceparent', `00-${hex(random, 32)}-${hex(random, 16)}-01`],
  ];
}

function response(random: () => number, n: number): Fields {
  return [
    [':status', pick(random, ['200', '200', '200', '304', '404'])],
    ['date', `Mon, 21 Oct 2013 20:${10 + (Math.floor(n / 60) % 50)}:${10 + (n % 50)} GMT`],
    ['content-type', pick(random, ['text/css', 'image/webp', 'application/javascript'])],
    ['content-length', String(Math.floor(random() * 1e5))],
    ['last-modified', `Sun, ${10 + Math.floor(random() * 18)} Oct 2013 08:00:00 GMT`],
    ['etag', `"${hex(random, 12)}"`],
    ['cache-control', 'public, max-age=31536000, immutable'],
    ['vary', 'Accept-Encoding'],
    ['server', 'nginx/1.28.0'],
    ['strict-transport-security', 'max-age=63072000; includeSubDomains'],
    ['x-request-id', hex(random, 20)],
  ];
}

function call(random: () => number): Fields {
  return [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', `/shop.v1.${pick(random, ['Cart', 'Stock', 'Price'])}/${pick(random, ['Get', 'List', 'Put'])}`],
    [':authority', 'shop.internal:8443'],
    ['te', 'trailers'],
    ['content-type', 'application/grpc'],
    ['user-agent', 'grpc-node-js/1.14.7'],
    ['grpc-accept-encoding', 'identity,deflate,gzip'],
    ['grpc-timeout', `${900 + Math.floor(random() * 100)}m`],
    ['traceparent', `00-${hex(random, 32)}-${hex(random, 16)}-01`],
  ];
}

const pick = <T>(random: () => number, among: readonly T[]): T => among[Math.floor(random() * among.length)]!;

function hex(random: () => number, digits: number): string {
  let text = '';
  while (text.length < digits) text += Math.floor(random() * 16).toString(16);
  return text;
}

/** A linear congruential generator (Numerical Recipes): the same traffic in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
