import type { Fault } from '../fault.ts';
import { h1, host } from './h1-fault.ts';

/**
 * Requests whose length two readers may tell differently (RFC 9112 11.2). Behind each follows a plain GET /sentinel that asks
 * for the end of the connection: who read all lengths right sees it as a request of its own. GET /smuggled is no request.
 */
const sentinel = `GET /mode/ok?sentinel HTTP/1.1\r\n${host}Connection: close\r\n\r\n`;
const smuggled = `GET /mode/ok?smuggled HTTP/1.1\r\n${host}\r\n`;
const refuse = 'a request to refuse: 400 and the end of the connection';
const framing = 'RFC 9112 6.3';
const coding = 'RFC 9112 6.1';
const chunks = 'RFC 9112 7.1';

/** id, what is odd, what a correct peer does, rule, fields, body, minor version. */
type Row = [id: string, odd: string, must: string, spec: string, fields: string[], body: string, minor?: 0];

const chunkedSmuggled = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`;
const length = (body: string): string => `Content-Length: ${body.length}`;
const chunked = 'Transfer-Encoding: chunked';

const rows: Row[] = [
  [
    'cl-te',
    'CL.TE: a Content-Length over the last chunk and a request behind it.',
    refuse,
    framing,
    [length(`0\r\n\r\n${smuggled}`), chunked],
    `0\r\n\r\n${smuggled}`,
  ],
  [
    'te-cl',
    'TE.CL: a Content-Length that ends inside the first chunk.',
    refuse,
    framing,
    ['Content-Length: 4', chunked],
    chunkedSmuggled,
  ],
  [
    'te-identity',
    'TE.TE: chunked, then identity, so that the end cannot be told.',
    refuse,
    coding,
    ['Transfer-Encoding: chunked, identity', 'Content-Length: 4'],
    chunkedSmuggled,
  ],
  [
    'te-two-lines',
    'TE.TE: two Transfer-Encoding lines, the second unknown.',
    refuse,
    coding,
    [chunked, 'Transfer-Encoding: cow', 'Content-Length: 4'],
    chunkedSmuggled,
  ],
  [
    'te-vt',
    'TE.TE: a vertical tab before chunked.',
    refuse,
    'RFC 9110 5.5',
    ['Transfer-Encoding: \x0bchunked', 'Content-Length: 4'],
    chunkedSmuggled,
  ],
  [
    'te-xchunked',
    'TE.TE: a coding nobody knows.',
    refuse,
    coding,
    ['Transfer-Encoding: xchunked'],
    chunkedSmuggled,
  ],
  [
    'te-space-colon',
    'TE.TE: a space before the colon hides the coding.',
    refuse,
    'RFC 9112 5.1',
    ['Transfer-Encoding : chunked', 'Content-Length: 4'],
    chunkedSmuggled,
  ],
  [
    'te-folded',
    'TE.TE: the coding stands in a folded line.',
    `${refuse}, or one folded line`,
    'RFC 9112 5.2',
    ['Transfer-Encoding:\r\n chunked', 'Content-Length: 4'],
    chunkedSmuggled,
  ],
  [
    'te-http10',
    'Transfer-Encoding in HTTP/1.0.',
    'chunked, and the end of the connection after the answer; or a refusal',
    coding,
    [chunked],
    '3\r\nabc\r\n0\r\n\r\n',
    0,
  ],
  [
    'cl-0',
    'CL.0: a request as the body of a POST that may be taken to have none.',
    'one POST with that body; it is no request',
    framing,
    [length(smuggled)],
    smuggled,
  ],
  [
    'cl-twice',
    'Two equal Content-Lengths.',
    `one of them counts, or ${refuse}`,
    framing,
    ['Content-Length: 5', 'Content-Length: 5'],
    'hello',
  ],
  [
    'cl-list',
    'A list of equal Content-Lengths in one line.',
    `one of them counts, or ${refuse}`,
    framing,
    ['Content-Length: 5, 5'],
    'hello',
  ],
  ['cl-plus', 'A Content-Length with a sign.', refuse, 'RFC 9110 8.6', ['Content-Length: +3'], 'abc'],
  ['cl-negative', 'A negative Content-Length.', refuse, 'RFC 9110 8.6', ['Content-Length: -1'], ''],
  ['cl-hex', 'A Content-Length in hexadecimal.', refuse, 'RFC 9110 8.6', ['Content-Length: 0x3'], 'abc'],
  [
    'cl-overflow',
    'A Content-Length of 2^64 + 3, which some read as 3.',
    refuse,
    'RFC 9110 8.6',
    ['Content-Length: 18446744073709551619'],
    'abc',
  ],
  [
    'chunk-overflow',
    'A chunk size of 17 digits, which some read as 1.',
    refuse,
    chunks,
    [chunked],
    'ffffffffffffffff1\r\nX\r\n0\r\n\r\n',
  ],
  [
    'chunk-underscore',
    'A chunk size with an underscore, a number to some languages.',
    refuse,
    chunks,
    [chunked],
    '1_0\r\n0123456789abcdef\r\n0\r\n\r\n',
  ],
  ['chunk-0x', 'A chunk size with the prefix 0x.', refuse, chunks, [chunked], '0x3\r\nabc\r\n0\r\n\r\n'],
  ['chunk-negative', 'A negative chunk size.', refuse, chunks, [chunked], '-1\r\nabc\r\n0\r\n\r\n'],
  ['chunk-lf', 'Chunk lines that end in LF alone.', refuse, chunks, [chunked], '3\nabc\n0\n\n'],
  [
    'chunk-ext-lf',
    'A chunk extension that ends in LF alone.',
    refuse,
    'RFC 9112 7.1.1',
    [chunked],
    '3;a\nabc\r\n0\r\n\r\n',
  ],
  [
    'chunk-no-crlf',
    'A chunk whose data is longer than its size.',
    refuse,
    chunks,
    [chunked],
    '3\r\nabcde\r\n0\r\n\r\n',
  ],
  [
    'trailer-cl',
    'A Content-Length among the trailers.',
    'a whole request; the trailer is ignored or dropped',
    'RFC 9110 6.5.1',
    [chunked],
    '3\r\nabc\r\n0\r\nContent-Length: 30\r\n\r\n',
  ],
];

export const smugglingFaults: Fault[] = rows.map(
  ([id, summary, peerMustSee, spec, fields, body, minor = 1]) =>
    h1(`h1-smuggle-${id}`, summary, peerMustSee, spec, {
      path: '/sink',
      script: ({ path }) => {
        const head = [`POST ${path} HTTP/1.${minor}`, 'Host: localhost', ...fields, '', ''].join('\r\n');
        return { bytes: `${head}${body}${sentinel}`, answers: 'peer_end' };
      },
    }),
);
