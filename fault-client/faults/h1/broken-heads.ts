import { Type } from '../../../protos/schema/type.ts';
import type { Fault } from '../fault.ts';
import { h1, host } from './h1-fault.ts';

const refuse = 'a request to refuse: 400 and the end of the connection';

/** A TLS 1.2 ClientHello record, its body cut: only its first bytes are looked at. */
const clientHello = '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03';

/** Heads that break the grammar in one place each; id, summary, what a correct peer sees, rule, bytes. */
const rows: [
  id: string,
  summary: string,
  peerMustSee: string,
  spec: string,
  bytes: (path: string) => string,
][] = [
  [
    'bad-method',
    'Names a method that is no token.',
    refuse,
    'RFC 9110 9.1',
    (path) => `G(T ${path} HTTP/1.1\r\n${host}\r\n`,
  ],
  [
    'bad-version',
    'Names a version of HTTP that does not exist.',
    refuse,
    'RFC 9112 2.3',
    (path) => `GET ${path} HTTP/1.7\r\n${host}\r\n`,
  ],
  [
    'proxy-line',
    'Sends a PROXY v1 line where a request belongs.',
    refuse,
    'RFC 9112 3',
    (path) =>
      `PROXY TCP4 203.0.113.10 192.0.2.10 54321 443\r\nGET ${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
  ],
  [
    'tls-hello',
    'Sends a TLS ClientHello where a request belongs.',
    refuse,
    'RFC 9112 3',
    () => `${clientHello}\r\n\r\n`,
  ],
  [
    'nul',
    'Puts a NUL into a field value.',
    refuse,
    'RFC 9110 5.5',
    (path) => `GET ${path} HTTP/1.1\r\n${host}X-Nul: a\0b\r\n\r\n`,
  ],
  [
    'bare-cr',
    'Puts a CR that no LF follows into a field value.',
    refuse,
    'RFC 9112 2.2',
    (path) => `GET ${path} HTTP/1.1\r\n${host}X-Cr: a\rb\r\n\r\n`,
  ],
  [
    'no-colon',
    'Sends a field line without a colon.',
    refuse,
    'RFC 9112 5',
    (path) => `GET ${path} HTTP/1.1\r\n${host}nonsense\r\n\r\n`,
  ],
  [
    'bad-name',
    'Sends a field name that is no token.',
    refuse,
    'RFC 9110 5.1',
    (path) => `GET ${path} HTTP/1.1\r\n${host}X(Y): 1\r\n\r\n`,
  ],
  [
    'two-hosts',
    'Sends two different Host fields.',
    refuse,
    'RFC 9112 3.2',
    (path) => `GET ${path} HTTP/1.1\r\n${host}Host: other.example\r\nConnection: close\r\n\r\n`,
  ],
  [
    'absolute-host-mismatch',
    'Asks for an absolute URI of another authority than Host.',
    'the authority of the URI counts; Host is ignored',
    'RFC 9112 3.2.2',
    (path) => `GET http://other.example${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
  ],
  [
    'leading-crlf',
    'Sends two empty lines before its request.',
    'a request to serve: at least one empty line is ignored',
    'RFC 9112 2.2',
    (path) => `\r\n\r\nGET ${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
  ],
];

export const brokenHeadFaults: Fault[] = [
  ...rows.map(([id, summary, peerMustSee, spec, bytes]) =>
    h1(`h1-${id}`, summary, peerMustSee, spec, {
      script: ({ path }) => ({ bytes: bytes(path), answers: 'peer_end' }),
    }),
  ),
  h1(
    'h1-http09',
    'Sends a request line of HTTP/0.9 and waits.',
    'a request without version: refused, or waited for',
    'RFC 9112 3',
    {
      script: ({ path }) => ({ bytes: `GET ${path}\r\n`, answers: 'peer_end' }),
    },
  ),
  h1(
    'h1-endless-line',
    'Sends a request line that does not end, then waits.',
    '414, or 400, and the end of the connection',
    'RFC 9112 3',
    {
      extra: {
        bytes: Type.Integer({
          minimum: 1,
          maximum: 16_777_216,
          default: 300_000,
          description: 'Length of what is sent of it.',
        }),
      },
      script: ({ path, bytes }) => ({
        bytes: `GET ${path}?${'x'.repeat(Number(bytes))}`,
        answers: 'peer_end',
      }),
    },
  ),
  h1(
    'h1-trailer-flood',
    'Sends very many trailer fields behind a chunked body.',
    'a limit on trailers: 431 or 400, or a request to serve',
    'RFC 9112 7.1.2',
    {
      path: '/sink',
      extra: {
        n: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 20_000, description: 'Fields.' }),
      },
      script: ({ path, n }) => ({
        bytes: `POST ${path} HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n${'X-T: 1\r\n'.repeat(Number(n))}\r\n`,
        answers: 'peer_end',
      }),
    },
  ),
  h1(
    'h1-header-overflow',
    'Sends a field value larger than any peer should take.',
    '431, or 400, and the end of the connection',
    'RFC 6585 5',
    {
      extra: {
        bytes: Type.Integer({
          minimum: 1,
          maximum: 16_777_216,
          default: 300_000,
          description: 'Length of the value.',
        }),
      },
      script: ({ path, bytes }) => ({
        bytes: `GET ${path} HTTP/1.1\r\n${host}X-Large: ${'x'.repeat(Number(bytes))}\r\nConnection: close\r\n\r\n`,
        answers: 'peer_end',
      }),
    },
  ),
];
