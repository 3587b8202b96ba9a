import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTap } from './create.ts';
import { recordingContext } from './h1/recording.fixture.ts';
import type { Side } from './tap.ts';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const GET = 'GET /p HTTP/1.1\r\nHost: h\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

function feed(alpn: string | null, steps: [Side, string][], size = 1_000_000) {
  const { context, events } = recordingContext();
  const tap = createTap(context, alpn);
  for (const [from, text] of steps) {
    const bytes = Buffer.from(text, 'latin1');
    for (let at = 0; at < bytes.length; at += size) tap.data(from, bytes.subarray(at, at + size));
  }
  return { tap, events };
}

describe('which protocol a connection is taken for', () => {
  it.each([
    ['PING\r\n', '+PONG\r\n', 'redis'],
    ['PING\r\n', '-NOAUTH Authentication required.\r\n', 'redis'],
    ['PSYNC ? -1\r\n', '\n\n+FULLRESYNC', 'redis'],
    // clamd; a whois server.
    ['PING\n', 'PONG\n', 'raw'],
    ['SCAN /tmp/x\n', '/tmp/x: OK\n', 'raw'],
    ['INFO\r\n', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'raw'],
    ['*1\r\n$4\r\nPING\r\n', 'PONG\n', 'redis'],
    ['PING', '-DENIED Redis is running in protected mode because', 'redis'],
  ])('%j answered %j: %s', (asked, answered, protocol) => {
    for (const size of [1_000_000, 1]) {
      const steps: [Side, string][] = [
        ['client', asked],
        ['upstream', answered],
      ];
      const { tap, events } = feed(null, steps, size);
      expect(tap.state().protocol).toBe(protocol);
      if (protocol !== 'raw') continue;
      expect(tap.state().violation).toBeNull();
      expect(tap.causeOf('upstream', 'fin')).toBeNull();
      tap.close({ cause: 'graceful', error: '', timedOut: false });
      expect(events).toEqual([]);
    }
  });

  it.each<[string | null, string, string]>([
    ['h2', PREFACE, 'h2'],
    [null, PREFACE, 'h2'],
    ['http/1.1', PREFACE, 'h2'],
    [null, GET, 'http/1.1'],
    [null, `\r\n${GET}`, 'http/1.1'],
    ['http/1.1', GET, 'http/1.1'],
    ['http/1.1', '\x16\x03\x01\x02\0', 'http/1.1'],
    ['http/1.0', 'G@T / HTTP/1.0\r\n\r\n', 'http/1.1'],
    [null, 'PRI /x HTTP/1.1\r\n\r\n', 'http/1.1'],
    [null, 'PATCH /x HTTP/1.1\r\n\r\n', 'http/1.1'],
    [null, 'BASELINE-CONTROL /x HTTP/1.1\r\n\r\n', 'http/1.1'],
    [null, '\x16\x03\x01\x02\0', 'raw'],
    [null, '*1\r\n$4\r\nPING\r\n', 'redis'],
    [null, '*3\r\n$3\r\nSET\r\n', 'redis'],
    [null, 'PING\r\n', 'redis'],
    [null, 'ping\n', 'redis'],
    [null, 'HELLO 3 AUTH u p\r\n', 'redis'],
    [null, 'SUBSCRIBE a b\r\n', 'redis'],
    [null, 'SUBSCRIBE /events HTTP/1.1\r\n', 'http/1.1'],
    [null, 'INFO sip:a@b SIP/2.0\r\n', 'http/1.1'],
    [null, 'PING', 'raw'],
    [null, 'PINGU /x HTTP/1.1\r\n', 'http/1.1'],
    [null, '*1\r\n', 'raw'],
    [null, '*1\r\n+OK', 'raw'],
    [null, '*x', 'raw'],
    [null, '*0\r\n$', 'raw'],
    [null, 'set key 0 0 5\r\n', 'raw'],
    ['http/1.1', '*1\r\n$4\r\nPING\r\n', 'http/1.1'],
    ['mqtt', '*1\r\n$4\r\nPING\r\n', 'raw'],
    [null, 'get key\r\n', 'raw'],
    [null, 'A'.repeat(40), 'raw'],
    ['mqtt', '\x10\x0c\0\x04MQTT', 'raw'],
  ])('ALPN %j and %j: %s', (alpn, start, protocol) => {
    for (const size of [1_000_000, 1]) {
      expect(feed(alpn, [['client', start]], size).tap.state().protocol).toBe(protocol);
    }
  });

  it('an upstream that speaks first without ALPN is raw, whatever the client says later', () => {
    const { tap, events } = feed(null, [
      ['upstream', '220 mail ESMTP\r\n'],
      ['client', GET],
      ['upstream', OK],
    ]);
    expect(tap.state().protocol).toBe('raw');
    expect(events).toEqual([]);
  });

  it.each([1_000_000, 1])('Redis may refuse before its client speaks (%i bytes at a time)', (size) => {
    const { tap, events } = feed(null, [['upstream', '-ERR max number of clients reached\r\n']], size);
    expect(tap.state().protocol).toBe('redis');
    expect(events).toMatchObject([{ anomalies: ['unsolicited_reply'], redis: { error_code: 'ERR' } }]);
  });

  it.each([1_000_000, 1])(
    'an h2c upstream may send SETTINGS before its client speaks (%i bytes at a time)',
    (size) => {
      const settings = '\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64';
      for (const steps of [
        [
          ['upstream', settings],
          ['client', PREFACE],
        ],
        [
          ['client', PREFACE.slice(0, 5)],
          ['upstream', settings],
          ['client', PREFACE.slice(5)],
        ],
      ] as [Side, string][][]) {
        const { tap } = feed(null, steps, size);
        expect(tap.state()).toMatchObject({ protocol: 'h2', violation: null });
      }
    },
  );

  it('an upstream that speaks first where http/1.1 was agreed is an unsolicited response', () => {
    const { events } = feed('http/1.1', [['upstream', 'HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n']]);
    expect(events.map((event) => event.anomalies)).toEqual([['unsolicited_response']]);
  });

  it('loses no byte of what it held back, over any split', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (size) => {
        const { events } = feed(
          null,
          [
            ['client', GET],
            ['upstream', OK],
          ],
          size,
        );
        expect(events).toHaveLength(1);
        expect(events[0]).toMatchObject({
          bytes_in: GET.length,
          bytes_out: OK.length,
          request: { path: '/p' },
        });
      }),
    );
  });
});

describe('before a protocol is known', () => {
  it('is raw and idle, or http/1.1 where ALPN says so', () => {
    expect(feed(null, []).tap.state()).toMatchObject({ protocol: 'raw', phase: 'idle', openExchanges: 0 });
    expect(feed('http/1.1', []).tap.state()).toMatchObject({ protocol: 'http/1.1', phase: 'idle' });
  });

  it('a FIN is no failure and a reset is one', () => {
    const { tap } = feed(null, []);
    expect(tap.causeOf('client', 'fin')).toBeNull();
    expect(tap.causeOf('client', 'rst')).toMatchObject({ cause: 'reset' });
  });

  it('a request that is cut in its method is told where http/1.1 was agreed', () => {
    const { tap, events } = feed('http/1.1', [['client', 'GE']]);
    const judged = tap.causeOf('client', 'fin')!;
    expect(judged.cause).toBe('eof');
    tap.end('client', 'fin');
    tap.close({ ...judged, timedOut: false });
    expect(events[0]).toMatchObject({ cause: 'eof', bytes_in: 2 });
  });
});

it('a greeting that is held comes before the request that came behind it', () => {
  // The start of SETTINGS is a greeting that is not yet known; `ALPN http/1.1` then tells what it was.
  const { events } = feed('http/1.1', [
    ['upstream', '\0'],
    ['client', GET],
  ]);
  expect(events).toHaveLength(0);
  const { tap, events: told } = feed('http/1.1', [
    ['upstream', '\0'],
    ['client', GET],
    ['upstream', OK],
  ]);
  tap.close({ cause: 'graceful', error: '', timedOut: false });
  expect(told.map(({ anomalies }) => anomalies)).toContainEqual([
    'unsolicited_response',
    'invalid_status_line',
  ]);
});
