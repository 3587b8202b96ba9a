import type { FuzzTarget, Step } from '../../protos/testing/fuzz-target.ts';
import { createTap } from './create.ts';
import { connectionOf, sides } from './fuzz.fixture.ts';

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0';
const settings = '\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\xff\xff';
const get = 'GET /p HTTP/1.1\r\nHost: h\r\n\r\n';
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

const conversations: (readonly string[])[] = [
  [preface, settings],
  ['', settings, preface],
  ['', 'SSH-2.0-x\r\n', 'SSH-2.0-y\r\n'],
  [get, ok],
  [`\r\n\r\n${get}`, ok],
  ['PRI * HTTP/1.1\r\n\r\n', ok],
  ['\x16\x03\x01\x02\0', '\x15\x03\x01\0\x02\x02\x28'],
  ['*1\r\n$4\r\nPING\r\n', '+PONG\r\n'],
];

export const targets: FuzzTarget[] = ([null, 'http/1.1'] as const).map((alpn) => ({
  name: alpn === null ? 'sniffing-tap' : 'alpn-h1-tap',
  about: `a connection whose protocol its first bytes tell, ALPN ${alpn ?? 'none'}`,
  grammar: 'http1',
  sides,
  share: 2,
  cuts: true,
  words: [preface, settings, get, ok, 'PRI ', '\r\n', 'HTTP/2.0', 'GET '],
  // What may still be several protocols is joined for each piece of it: 8 KiB at most.
  copiedBytes: (bytes: number) => bytes * bytes + 512 * bytes + (4 << 20),
  seeds: () =>
    conversations.map((parts) =>
      parts.map(
        (text, index): Step => ({ from: index % 2 === 0 ? 0 : 1, bytes: Buffer.from(text, 'latin1') }),
      ),
    ),
  run: (steps: Iterable<Step>) => connectionOf((context) => createTap(context, alpn), steps),
}));
