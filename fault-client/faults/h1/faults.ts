import { Type } from '../../../protos/schema/type.ts';
import type { Fault } from '../fault.ts';
import { h1, host, post } from './h1-fault.ts';

/** HTTP/1.1 faults are bytes and a way to end; the answers are read by a reader that expects anything. */
export const h1Faults: Fault[] = [
  h1(
    'h1-pipeline',
    'Sends several GETs at once, before any answer.',
    'all answers, in order',
    'RFC 9112 9.3.2',
    {
      extra: { n: Type.Integer({ minimum: 1, maximum: 100_000, default: 3, description: 'Requests.' }) },
      script: ({ path, n }) => ({
        bytes: `GET ${path} HTTP/1.1\r\n${host}\r\n`.repeat(Number(n)),
        answers: Number(n),
      }),
    },
  ),
  h1(
    'h1-half-close',
    'Sends one GET and FIN at once.',
    'a whole request, and its answer is still wanted',
    'RFC 9112 9.6',
    {
      script: ({ path }) => ({ bytes: `GET ${path} HTTP/1.1\r\n${host}\r\n`, answers: 1, after: 'fin' }),
    },
  ),
  h1(
    'h1-cl-te',
    'Sends Content-Length and Transfer-Encoding in one request.',
    'a request to refuse: 400',
    'RFC 9112 6.3',
    {
      script: ({ path }) => ({
        bytes: post(path, 'Content-Length: 6\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\nX'),
        answers: 1,
      }),
    },
  ),
  h1(
    'h1-bare-lf',
    'Ends every line with LF alone.',
    'a request to refuse, or to read leniently',
    'RFC 9112 2.2',
    {
      script: ({ path }) => ({ bytes: `GET ${path} HTTP/1.1\nHost: localhost\n\n`, answers: 1 }),
    },
  ),
  h1(
    'h1-obs-fold',
    'Folds a header over two lines.',
    'a request to refuse, or to read as one line',
    'RFC 9112 5.2',
    {
      script: ({ path }) => ({
        bytes: `GET ${path} HTTP/1.1\r\n${host}X-Folded: one\r\n two\r\n\r\n`,
        answers: 1,
      }),
    },
  ),
  h1('h1-bad-chunk', 'Sends a chunk size that is no number.', 'a body that cannot be read', 'RFC 9112 7.1', {
    script: ({ path }) => ({
      bytes: post(path, 'Transfer-Encoding: chunked\r\n', 'zz\r\nhello\r\n'),
      answers: 1,
    }),
  }),
  h1(
    'h1-fin-mid-headers',
    'Sends FIN in the middle of the header.',
    'a request cut in its header',
    'RFC 9112 8',
    {
      script: ({ path }) => ({
        bytes: `GET ${path} HTTP/1.1\r\nHost: loc`,
        answers: 'peer_end',
        after: 'fin',
      }),
    },
  ),
  h1('h1-fin-mid-body', 'Sends FIN in the middle of the body.', 'a request cut in its body', 'RFC 9112 8', {
    script: ({ path }) => ({
      bytes: post(path, 'Content-Length: 100\r\n', 'half'),
      answers: 'peer_end',
      after: 'fin',
    }),
  }),
  h1('h1-rst-mid-body', 'Resets in the middle of the body.', 'a request cut by a reset', 'RFC 9293 3.5.3', {
    script: ({ path }) => ({
      bytes: post(path, 'Content-Length: 100\r\n', 'half'),
      answers: 1,
      after: 'rst',
    }),
  }),
  h1(
    'h1-slow-body-stall',
    'Stops in the middle of the body and waits.',
    'silence until its own deadline',
    null,
    {
      script: ({ path }) => ({ bytes: post(path, 'Content-Length: 100\r\n', 'half'), answers: 'peer_end' }),
    },
  ),
  h1('h1-pri-preface', "Speaks HTTP/2's preface to HTTP/1.1.", 'a request to refuse', 'RFC 9113 3.4', {
    script: () => ({ bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', answers: 1 }),
  }),
  h1('h1-garbage', 'Sends bytes that are no HTTP.', 'a request to refuse', 'RFC 9112 2.2', {
    script: () => ({ bytes: '\x16\x03\x01garbage\xff\r\n\r\n', answers: 1 }),
  }),
  h1(
    'h1-dup-content-length',
    'Sends two different Content-Lengths.',
    'a request to refuse: 400',
    'RFC 9112 6.3',
    {
      script: ({ path }) => ({
        bytes: post(path, 'Content-Length: 4\r\nContent-Length: 5\r\n', 'abcde'),
        answers: 1,
      }),
    },
  ),
  h1(
    'h1-space-colon',
    'Puts a space before the colon of a header.',
    'a request to refuse: 400',
    'RFC 9112 5.1',
    {
      script: ({ path }) => ({ bytes: `GET ${path} HTTP/1.1\r\n${host}X-Space : 1\r\n\r\n`, answers: 1 }),
    },
  ),
  h1('h1-no-host', 'Sends a request without Host.', 'a request to refuse: 400', 'RFC 9112 3.2', {
    script: ({ path }) => ({ bytes: `GET ${path} HTTP/1.1\r\n\r\n`, answers: 1 }),
  }),
];
