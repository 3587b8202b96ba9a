import type { TInteger } from 'typebox';
import { Type } from '../../../protos/schema/type.ts';
import type { Fault } from '../fault.ts';
import { h1, host, post } from './h1-fault.ts';

const count = (fallback: number, description: string): TInteger =>
  Type.Integer({ minimum: 1, maximum: 1_000_000, default: fallback, description });
const milliseconds = (fallback: number, description: string): TInteger =>
  Type.Integer({ minimum: 0, maximum: 86_400_000, default: fallback, description });

/** Requests that take their time, or that expect something before they go on. */
export const conversationFaults: Fault[] = [
  h1(
    'h1-slow-headers',
    'Sends its header line by line with a pause before each, and then its end.',
    'a good request, slowly; a timeout for the whole header (Slowloris), not one for each line',
    'RFC 9110 15.5.9',
    {
      extra: { n: count(5, 'Lines.'), every_ms: milliseconds(100, 'Milliseconds before each line.') },
      script: ({ path, n, every_ms }) => ({
        pieces: [
          `GET ${path} HTTP/1.1\r\n${host}`,
          ...Array.from({ length: Number(n) }, (_, at) => `X-Slow-${at}: 1\r\n`),
          'Connection: close\r\n\r\n',
        ],
        between: { ms: Number(every_ms) },
        answers: 'peer_end',
      }),
    },
  ),
  h1(
    'h1-slow-headers-stall',
    'Stops in the middle of its header and waits.',
    'silence until its own deadline for the header',
    'RFC 9110 15.5.9',
    {
      script: ({ path }) => ({ bytes: `GET ${path} HTTP/1.1\r\n${host}X-Slow: `, answers: 'peer_end' }),
    },
  ),
  h1(
    'h1-slow-body',
    'Sends its body byte by byte with a pause before each.',
    'a good request, slowly',
    null,
    {
      path: '/sink',
      extra: { n: count(10, 'Bytes.'), every_ms: milliseconds(100, 'Milliseconds before each byte.') },
      script: ({ path, n, every_ms }) => ({
        pieces: [
          post(path, `Content-Length: ${n}\r\nConnection: close\r\n`, ''),
          ...Array.from({ length: Number(n) }, () => 'x'),
        ],
        between: { ms: Number(every_ms) },
        answers: 'peer_end',
      }),
    },
  ),
  h1(
    'h1-chunk-ext-bomb',
    'Sends chunk extensions far larger than the chunks.',
    'a limit on extensions: 413, 400 or the end of the connection',
    'RFC 9112 7.1.1',
    {
      path: '/sink',
      extra: { bytes: count(20_000, 'Length of one extension.'), n: count(3, 'Chunks.') },
      script: ({ path, bytes, n }) => ({
        bytes: post(
          path,
          'Transfer-Encoding: chunked\r\nConnection: close\r\n',
          `${`1;${'x'.repeat(Number(bytes))}\r\nx\r\n`.repeat(Number(n))}0\r\n\r\n`,
        ),
        answers: 'peer_end',
      }),
    },
  ),
  h1(
    'h1-expect-100',
    'Sends Expect and holds its body back until 100 came, or its patience is over.',
    '100 before the body, a final answer in its place, or the body after a while',
    'RFC 9110 10.1.1',
    {
      path: '/sink',
      extra: {
        expect: Type.String({ default: '100-continue', description: 'What it expects.' }),
        patience_ms: milliseconds(1000, 'How long it waits for 100.'),
      },
      script: ({ path, expect, patience_ms }) => ({
        pieces: [post(path, `Expect: ${expect}\r\nContent-Length: 4\r\nConnection: close\r\n`, ''), 'body'],
        between: { continueWithinMs: Number(patience_ms) },
        answers: 1,
      }),
    },
  ),
  h1(
    'h1-upgrade-h2c',
    'Asks to go on in HTTP/2 without TLS, which is obsolete.',
    'an Upgrade to ignore: the request is served in HTTP/1.1',
    'RFC 9113 3.1',
    {
      script: ({ path }) => ({
        bytes: `GET ${path} HTTP/1.1\r\n${host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n`,
        answers: 1,
      }),
    },
  ),
  h1(
    'h1-upgrade-ws',
    'Asks for WebSocket and sends a frame at once, before 101.',
    '101 and the bytes of the frame, or a plain answer and a request that is none',
    'RFC 6455 4.1',
    {
      path: '/upgrade',
      script: ({ path }) => ({
        pieces: [
          `GET ${path} HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
          Buffer.from('818400000000616263640000', 'hex'),
        ],
        answers: 'peer_end',
        after: 'fin',
      }),
    },
  ),
];
