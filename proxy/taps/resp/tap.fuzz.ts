import type { FuzzTarget, Step } from '../../../protos/testing/fuzz-target.ts';
import { connectionOf, sides } from '../fuzz.fixture.ts';
import { createRespTap } from './tap.ts';

const set = '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nvalue\r\n';
const get = '*2\r\n$3\r\nGET\r\n$1\r\nk\r\n';
const words = (...all: string[]) =>
  `*${all.length}\r\n${all.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;

const conversations: (readonly string[])[] = [
  [set, '+OK\r\n', get, '$5\r\nvalue\r\n', get, '$-1\r\n'],
  [set + get + words('LRANGE', 'l', '0', '-1'), '+OK\r\n-WRONGTYPE no\r\n*2\r\n:1\r\n*0\r\n'],
  ['PING\r\necho "a b"\r\n', '+PONG\r\n$3\r\na b\r\n'],
  [
    words('HELLO', '3'),
    '%2\r\n+server\r\n+redis\r\n+proto\r\n:3\r\n',
    get,
    '_\r\n',
    get,
    '#t\r\n,1.5\r\n(12\r\n',
  ],
  [words('MULTI') + get + words('EXEC'), '+OK\r\n+QUEUED\r\n*1\r\n$1\r\nv\r\n'],
  [
    words('SUBSCRIBE', 'a', 'b'),
    '*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n',
    '',
    '*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n>2\r\n+a\r\n+b\r\n',
  ],
  [words('CLIENT', 'REPLY', 'SKIP') + get + words('CLIENT', 'SETNAME', 'me'), '+OK\r\n'],
  [words('MONITOR'), '+OK\r\n', get, '+1 [0] "GET"\r\n'],
  [words('PSYNC', '?', '-1'), '+FULLRESYNC x 0\r\n$5\r\nRDB..'],
  ['*x\r\n', '-ERR Protocol error\r\n'],
  ['', '-DENIED Redis is running in protected mode\r\n'],
  [get, '$?\r\n;3\r\nabc\r\n;0\r\n', get, '!5\r\nERR x\r\n', get, '=5\r\ntxt:x\r\n'],
];

export const targets: FuzzTarget[] = [
  {
    name: 'redis-tap',
    about: 'both sides of a Redis connection, to records',
    grammar: 'http1',
    sides,
    share: 3,
    cuts: true,
    words: [
      set,
      get,
      '*1\r\n',
      '$3\r\n',
      '$-1\r\n',
      '+OK\r\n',
      '-ERR x\r\n',
      ':1\r\n',
      '*-1\r\n',
      '%1\r\n',
      '~1\r\n',
      '>2\r\n',
      '|1\r\n',
      '_\r\n',
      '$?\r\n',
      ';0\r\n',
      '.\r\n',
      words('EXEC'),
      words('RESET'),
      words('QUIT'),
      words('SUBSCRIBE', 'c'),
      words('CLIENT', 'REPLY', 'OFF'),
      words('BLPOP', 'k', '0'),
    ],
    copiedBytes: (bytes) => 512 * bytes + (4 << 20),
    seeds: () =>
      conversations.map((parts) =>
        parts.map(
          (text, index): Step => ({ from: index % 2 === 0 ? 0 : 1, bytes: Buffer.from(text, 'latin1') }),
        ),
      ),
    run: (steps) => connectionOf((context) => createRespTap(context), steps),
  },
];
