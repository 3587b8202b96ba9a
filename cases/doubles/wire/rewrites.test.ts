import { expect, test } from 'vitest';
import type { Rewrite, Side } from '../double.ts';
import { wireDoubles } from './all.ts';
import { bytesOf, type Frame, rewriteFrames } from './frames.ts';

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const frame = (type: number, stream: number, payload = '', flags = 0): Frame => ({
  type,
  flags,
  stream,
  payload: Buffer.from(payload),
});
const settings = frame(4, 0);
const stream = (...frames: Frame[]) => Buffer.concat(frames.map(bytesOf));

/** Of RFC 9113 4.1: a SETTINGS frame without settings, and a GOAWAY with NO_ERROR behind stream 1. */
const emptySettings = Buffer.from('000000040000000000', 'hex');
const goaway = Buffer.from('0000080700000000000000000100000000', 'hex');

test('frames have the layout of RFC 9113', () => {
  expect(bytesOf(settings)).toEqual(emptySettings);
  expect(bytesOf({ ...frame(7, 0), payload: goaway.subarray(9) })).toEqual(goaway);
});

test.each([1, 2, 5, 8, 9, 10, 1000])(
  'what is not changed passes as it came, in pieces of %i bytes',
  (size) => {
    for (const start of [preface, '']) {
      const bytes = Buffer.concat([
        Buffer.from(start),
        stream(settings, frame(1, 1, 'head'), frame(0, 1, 'x'.repeat(3000)), frame(7, 0, '12345678')),
        Buffer.from([0, 0, 9, 0]),
      ]);
      const rewrite = rewriteFrames([1, 7], (one) => [one]);
      expect(throughIn(rewrite, bytes, size)).toEqual(bytes);
      expect(rewrite.touched()).toBe(false);
    }
  },
);

test.each(['GET /x HTTP/1.1\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\nbody', '\x16\x03\x01\x00\x05hello world'])(
  'what is no HTTP/2 is left alone: %j',
  (text) => {
    const bytes = Buffer.from(text, 'latin1');
    expect(
      throughIn(
        rewriteFrames([0, 1, 2, 3], () => []),
        bytes,
        3,
      ),
    ).toEqual(bytes);
  },
);

test.each([
  {
    double: 'goaway-swallowed',
    side: 'client',
    sent: Buffer.concat([emptySettings, goaway]),
    arrives: emptySettings,
  },
  {
    double: 'trailers-only-split',
    side: 'client',
    sent: stream(settings, frame(1, 1, 'status', 5)),
    arrives: stream(settings, frame(1, 1, 'status', 4), frame(0, 1, '', 1)),
  },
  {
    double: 'trailers-lost',
    side: 'client',
    sent: stream(settings, frame(1, 1, 'head', 4), frame(0, 1, 'body'), frame(1, 1, 'trailers', 5)),
    arrives: stream(settings, frame(1, 1, 'head', 4), frame(0, 1, 'body'), frame(0, 1, '', 1)),
  },
  {
    double: 'host-rewritten',
    side: 'upstream',
    sent: Buffer.from('GET / HTTP/1.1\r\nX: host: a\r\nHost: localhost\r\n\r\nHost: body'),
    arrives: Buffer.from('GET / HTTP/1.1\r\nX: host: a\r\nHost: upstream.internal:443\r\n\r\nHost: body'),
  },
  {
    double: 'duplicates-collapsed',
    side: 'upstream',
    sent: Buffer.from('GET / HTTP/1.1\r\nX-A: 1\r\nB: 2\r\nx-a: 3\r\n\r\n'),
    arrives: Buffer.from('GET / HTTP/1.1\r\nB: 2\r\nx-a: 3\r\n\r\n'),
  },
  {
    double: 'informational-dropped',
    side: 'client',
    sent: Buffer.from(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
    ),
    arrives: Buffer.from('HTTP/1.1 200 OK\r\n\r\n'),
  },
] satisfies { double: string; side: Side; sent: Buffer; arrives: Buffer }[])(
  '$double does on the wire what it says',
  ({ double, side, sent, arrives }) => {
    const rewrite = rewriteOf(double, side)!;
    expect(throughIn(rewrite, sent, sent.length)).toEqual(arrives);
    expect(rewrite.touched()).toBe(true);
  },
);

test('a PROXY v2 header loses its TLVs and nothing else, as the PROXY protocol lays it out', () => {
  const { proxyHeader } = wireDoubles.find(({ name }) => name === 'tlvs-dropped')!;
  const signature = '0d0a0d0a000d0a515549540a';
  const addresses = 'cb007107c00002019c4101bb';
  const withTlv = Buffer.from(`${signature}21110011${addresses}0100026832`, 'hex');
  const without = Buffer.from(`${signature}2111000c${addresses}`, 'hex');
  expect(proxyHeader!(withTlv)).toEqual(without);
  expect(proxyHeader!(without)).toEqual(without);
  const v1 = Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.1 40001 443\r\n');
  expect(proxyHeader!(v1)).toEqual(v1);
});

function rewriteOf(name: string, side: Side): Rewrite | null {
  return wireDoubles.find((double) => double.name === name)!.rewrite!(side);
}

function throughIn(rewrite: Rewrite, bytes: Buffer, size: number): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size)
    pieces.push(Buffer.from(rewrite.write(bytes.subarray(at, at + size))));
  return Buffer.concat([...pieces, rewrite.end()]);
}
