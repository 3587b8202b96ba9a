import type { FuzzTarget, Step } from '../../../protos/testing/fuzz-target.ts';
import { connectionOf, sides } from '../fuzz.fixture.ts';
import { createH1Tap } from './tap.ts';

const get = 'GET /a?x=1&tid=t%201 HTTP/1.1\r\nHost: h\r\n\r\n';
const post = (fields: string, body: string) => `POST / HTTP/1.1\r\nHost: h\r\n${fields}\r\n\r\n${body}`;
const answer = (status: string, fields = '', body = '') => `HTTP/1.1 ${status}\r\n${fields}\r\n${body}`;
const ok = answer('200 OK', 'Content-Length: 5\r\n', 'hello');
const chunked = 'Transfer-Encoding: chunked';

const conversations: (readonly string[])[] = [
  [get, ok, get, ok],
  [get + get, ok + ok],
  ['HEAD / HTTP/1.1\r\nHost: h\r\n\r\n', answer('200 OK', 'Content-Length: 5\r\n'), get, ok],
  [post('Content-Length: 5', 'hello'), answer('204 No Content')],
  [
    post(chunked, '3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n'),
    answer('200 OK', `${chunked}\r\n`, '5\r\nhello\r\n0\r\nTrailer: a\r\n\r\n'),
  ],
  [post('Expect: 100-continue\r\nContent-Length: 2', ''), answer('100 Continue'), 'ok', ok],
  [
    'GET / HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    answer('101 Switching', 'Upgrade: x\r\n'),
    'raw',
    'raw',
  ],
  ['CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\nearly', answer('200 OK'), 'tunnel', 'tunnel'],
  ['CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n', answer('407 No', 'Content-Length: 0\r\n'), get, ok],
  [get, answer('103 Early Hints', 'Link: a\r\n') + answer('200 OK', '', 'until the end')],
  [post('Content-Length: 9', 'abc'), answer('413 Too Large', 'Content-Length: 0\r\n'), 'defghi', ''],
  [post(`${chunked}\r\nContent-Length: 1`, 'zz\r\n'), ok],
  ['\r\nGET /b HTTP/1.0\nHost: h\n folded\nX : y\nZ\n\n', 'HTTP/1.0 500 No\nContent-Length: 1\n\nx'],
  [post('Content-Length: 5, 5\r\nContent-Length: x', 'hello'), answer('304 Not', 'Content-Length: 9\r\n')],
  [
    'GET http://other/ HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n',
    answer('99 Low', 'Content-Length: 99999999999999999999\r\n', 'x'),
  ],
  ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'HTTX'],
  ['', ok],
];

export const targets: FuzzTarget[] = [
  {
    name: 'h1-tap',
    about: 'both sides of an HTTP/1.1 connection, to records',
    grammar: 'http1',
    sides,
    share: 4,
    cuts: true,
    words: [
      'GET ',
      'HEAD ',
      'CONNECT ',
      ' HTTP/1.1\r\n',
      ' HTTP/1.0\r\n',
      'HTTP/1.1 200 OK\r\n',
      'HTTP/1.1 100 Continue\r\n\r\n',
      'HTTP/1.1 101 Switching\r\n\r\n',
      'HTTP/1.1 204 No\r\n\r\n',
      'Content-Length: ',
      'Content-Length: 3\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Transfer-Encoding: gzip\r\n',
      'Host: h\r\n',
      'Upgrade: x\r\n',
      'Expect: 100-continue\r\n',
      'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n',
      'X-Tid: t\r\n',
      '\r\n\r\n',
      '0\r\n\r\n',
      'ffffffffffffff\r\n',
      ';ext',
      '?tid=',
    ],
    seeds: () => conversations.map(transcript),
    run: (steps) => connectionOf((context) => createH1Tap(context), steps),
  },
];

function transcript(parts: readonly string[]): Step[] {
  return parts.map((text, index) => ({ from: index % 2 === 0 ? 0 : 1, bytes: Buffer.from(text, 'latin1') }));
}
