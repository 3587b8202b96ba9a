import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReadRecord } from '../reading/record-reader.ts';
import { createFilter } from './filter.ts';
import { FilterError } from './filter-error.ts';

/** Rows as wiretracer 1.50 wrote them. */
const conn: ReadRecord = {
  kind: 'conn',
  id: '673345f2',
  ts: 1795218000.96,
  listener: 'test-http1',
  client_ip: '203.0.113.10',
  client_port: 54321,
  upstream_addr: '127.0.0.1:18480',
  event: 'close',
  proxy_version: 'v1',
  proxy_src: '203.0.113.10:54321',
  proxy_dst: '192.0.2.10:443',
  closed_by: 'client',
  close_reason: 'client_fin',
  duration_ms: 9,
  flags: ['client_fin'],
  conn_id: 'c560cd89',
  tid: 'proxy_v1_h1',
  path: '/mode/ok?tid=proxy_v1_h1',
};
const tls: ReadRecord = {
  kind: 'tls',
  listener: 'test-mtls-http1',
  client_ip: '127.0.0.1',
  client_port: 59764,
  side: 'in',
  outcome: 'fail',
  reason: 'cert_verify_failed',
  category: 'unknown_ca',
  detail: 'verify_code=20 unable to get local issuer certificate',
  tls: { sni: null, alpn: null, version: null, cipher: null },
  upstream: { addr: '127.0.0.1:29443' },
  fingerprints: {
    ja3: '3adacb99',
    ja4: 't13d3112h1_59f57ac3f89e_adc65c5cab52',
    ech_present: '0',
    sni_ch: 'localhost',
  },
  conn_id: '76da5dd2',
};
const event: ReadRecord = {
  kind: 'event',
  ts_start: 1795218075.88,
  listener: 'test-http2',
  client_ip: '::1',
  client_port: 443,
  upstream_addr: 'backend.local:18480',
  protocol: 'grpc',
  tls: { sni: null, alpn: 'h2', version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
  request: {
    headers: { ':method': 'POST', 'User-Agent': 'curl/8 (test)' },
    method: 'POST',
    path: '/pkg.Svc/Say Hello(x)',
    stream_id: 1,
    grpc_service: 'pkg.Svc',
    grpc_method: 'Say',
  },
  response: { headers: { 'grpc-status': '14' }, status: 200 },
  duration_ms: 1500,
  flags: ['error', 'timeout'],
  error: 'upstream reset: 2',
  cause: 'h2_rst:INTERNAL_ERROR',
  conn_id: 'a71ba0f4',
};
const h2ctl: ReadRecord = {
  kind: 'h2ctl',
  listener: 'test-http2',
  client_ip: '127.0.0.1',
  client_port: 38012,
  direction: 'upstream',
  h2_event: 'RST_STREAM',
  stream_id: 1,
  details: { error_code: 2 },
  conn_id: 'a71ba0f4',
};
const rows = { conn, tls, event, h2ctl };

const matching = (filter: string): string =>
  Object.entries(rows)
    .filter(([, row]) => createFilter(filter)(row))
    .map(([name]) => name)
    .join(' ');

describe('an expression of 1.50 keeps its meaning', () => {
  test.each([
    ['', 'conn tls event h2ctl'],
    ['proto=tls', 'tls'],
    ['protocol=grpc', 'event'],
    ['PROTO=conn', 'conn'],
    ['proto=TLS', ''],
    ['-proto=tls', 'conn event h2ctl'],
    ['proto=tls listener=test-mtls-http1', 'tls'],
    ['listener^=test-http', 'conn event h2ctl'],
    ['listener~http[12]$', 'conn tls event h2ctl'],
    ['proto in (grpc, conn)', 'conn event'],
    ['-proto in (grpc,conn)', 'tls h2ctl'],
    ['listener in (test-m*, none)', 'tls'],
    ['proto in ()', 'conn tls event h2ctl'],
    ['client=203.0.113.10:54321', 'conn'],
    ['client_ip=127.0.0.1', 'tls h2ctl'],
    ['proxy_version=v1', 'conn'],
    ['proxy=v1', 'conn'],
    ['status=200', 'event'],
    ['status=fail', 'tls'],
    ['status=RST_STREAM', 'h2ctl'],
    ['error=1', 'tls event'],
    ['h2=RST_STREAM direction=upstream sid=1', 'h2ctl'],
    ['conn=a71ba0f4', 'event h2ctl'],
    ['ja4^=t13d', 'tls'],
    ['ech=0', 'tls'],
    ['tlsver=TLSv1.3', 'event'],
    ['path~(Say Hello)', 'event'],
    ['path~^/mode/(ok|hang)', 'conn'],
    ['path~(?i)SAY', 'event'],
    ['grpc_service=pkg.Svc', 'event'],
    ['RST_stream', 'h2ctl'],
    ['-mtls', 'conn event h2ctl'],
    ['status=', 'conn'],
  ])('%s', (filter, expected) => {
    expect(matching(filter)).toBe(expected);
  });
});

describe('what 1.50 lacked', () => {
  test.each([
    ['outcome=fail', 'tls event'],
    ['-outcome=fail', 'conn h2ctl'],
    ['outcome=ok', 'conn'],
    ['category=unknown_ca', 'tls'],
    ['cause^=h2_rst', 'event'],
    ['close_reason=client_fin closed_by=client tid=proxy_v1_h1', 'conn'],
    ['duration_ms>500', 'event'],
    ['duration_ms>1.4s', 'event'],
    ['duration_ms<=9', 'conn'],
    ['status>=200', 'event'],
    ['grpc_status=14', 'event'],
    ['flags=timeout', 'event'],
    ['client=203.0.113.0/24', 'conn'],
    ['client=203.0.113.10', 'conn'],
    ['client=::1', 'event'],
    ['client=[::1]:443', 'event'],
    ['proxy_src=203.0.113.10', 'conn'],
    ['upstream=backend.local', 'event'],
    ['upstream=127.0.0.1:29443', 'tls'],
    ['upstream=127.0.0.0/8', 'conn tls'],
    ['proto=tls OR proto=h2ctl', 'tls h2ctl'],
    ['(proto=tls OR proto=conn) client_ip=127.0.0.1', 'tls'],
    ['NOT (proto=tls OR proto=conn)', 'event h2ctl'],
    ['-(proto=tls OR proto=conn)', 'event h2ctl'],
    ['proto=tls AND side=in', 'tls'],
    ['(path~^/pkg(.*)$ OR proto=tls)', 'tls event'],
    ['path="/pkg.Svc/Say Hello(x)"', 'event'],
    ["detail~'local issuer'", 'tls'],
    ['path~\\(x\\)$', 'event'],
    ['proto!=tls', 'conn event h2ctl'],
    ['listener!~http', ''],
    ['ts>=2026-11-20T23:40:00Z ts<2026-11-20T23:41:00Z', 'conn'],
    ['request.headers.user-agent~^curl', 'event'],
    ['response.status=200', 'event'],
    ['details.error_code=2', 'h2ctl'],
    ['sni=localhost', 'tls'],
    ['INTERNAL_error', 'event'],
  ])('%s', (filter, expected) => {
    expect(matching(filter)).toBe(expected);
  });
});

describe('lists, and what is not there', () => {
  test.each([
    ['flags!=error', { flags: ['error', 'timeout'] }, false],
    ['flags!=client_fin', { flags: ['error', 'timeout'] }, true],
    ['flags!~err', { flags: ['error', 'timeout'] }, false],
    ['flags!~^t', { flags: ['error'] }, true],
    ['flags!=error', { flags: [] }, true],
    ['flags=', { flags: [] }, true],
    ['flags!=', { flags: [] }, false],
    ['anomaly~.', { anomalies: [] }, false],
    ['anomaly~.', { anomalies: ['bare_lf'] }, true],
    ['cause!=reset', { cause: null }, true],
    ['client=::/0', { client_ip: '10.0.0.1', client_port: 1 }, false],
    ['client=::/0', { client_ip: '2001:db8::1', client_port: 1 }, true],
    ['client=10.0.0.0/8', { client_ip: '::ffff:10.0.0.1', client_port: 1 }, true],
  ])('%s of %j', (filter, record, expected) => {
    expect(createFilter(filter)({ kind: 'event', ...record })).toBe(expected);
  });
});

describe('a mistake is told with its column', () => {
  test.each([
    [
      'proto=tls outcme=fail',
      'filter:1:11: unknown field "outcme"; did you mean "outcome"? "wiretracer query --fields" lists them all\n  proto=tls outcme=fail\n            ^',
    ],
    ['path~(', 'filter:1:6: not a regular expression: /(/: Unterminated group\n  path~(\n       ^'],
    [
      'duration_ms>fast',
      'filter:1:13: > wants a number right after it, not "fast"\n  duration_ms>fast\n              ^',
    ],
    ['listener>5', 'filter:1:1: listener is no number: > does not apply, = != ^= ~ do\n  listener>5\n  ^'],
    ['(proto=tls', 'filter:1:1: this ( is never closed\n  (proto=tls\n  ^'],
    ['proto=tls )', 'filter:1:11: this ) closes nothing\n  proto=tls )\n            ^'],
    ['path="a b', 'filter:1:6: this quote is never closed by "\n  path="a b\n       ^'],
    ['proto in (a', 'filter:1:10: this list is never closed by )\n  proto in (a\n           ^'],
    [
      'proto=tls OR',
      'filter:1:13: a condition belongs here, such as proto=tls; quote "OR", "AND" and "NOT" to search for them\n  proto=tls OR\n              ^',
    ],
    [
      'client=10.0.0.0/99',
      'filter:1:8: "10.0.0.0/99" is no network such as 10.0.0.0/8 or fd00::/8\n  client=10.0.0.0/99\n         ^',
    ],
    [
      'client=999.0.0.1',
      'filter:1:8: "999.0.0.1" is no address: its numbers go from 0 to 255\n  client=999.0.0.1\n         ^',
    ],
    ['peer!=[::1]/129', expect.stringContaining('filter:1:7: "[::1]/129" is no network')],
    ['upstream in (a:1, 1.2.3.400:5)', expect.stringContaining('filter:1:19: "1.2.3.400:5" is no address')],
    ['ts>yesterday', expect.stringContaining('epoch seconds or a date')],
  ])('%s', (filter, message) => {
    expect(() => createFilter(filter)).toThrow(
      expect.objectContaining({ constructor: FilterError, message }) as unknown as Error,
    );
  });
});

test.each(['proxy_src=/run/x.sock', 'upstream=localhost:80', 'client=[::1]:443', 'client=::/0', 'client='])(
  '%s is a filter',
  (filter) => {
    expect(() => createFilter(filter)).not.toThrow();
  },
);

test('any text is a filter or a FilterError, and nothing else is thrown', () => {
  const part = fc.constantFrom(
    ...'proto= = ^= ~ > ( ) " \' - OR AND NOT in ( , * \\ path~ client= 10.0.0.0/8 tls duration_ms> 5s é'.split(
      ' ',
    ),
    ' ',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 25 }), (parts) => {
      try {
        const filter = createFilter(parts.join(''));
        for (const row of Object.values(rows)) filter(row);
      } catch (error) {
        if (!(error instanceof FilterError)) throw error;
        expect(error.column).toBeGreaterThan(0);
      }
    }),
  );
});

test('a hostile record never disturbs a filter', () => {
  fc.assert(
    fc.property(fc.object(), (value) => {
      for (const filter of [
        'client=10.0.0.0/8',
        'outcome=fail x',
        'duration_ms>1',
        'tls.sni~a',
        'flags=a',
        'alpn_in=b',
      ])
        createFilter(filter)({ kind: 'event', ...value } as unknown as ReadRecord);
    }),
  );
});

test('nesting without end is refused, not followed', () => {
  expect(() => createFilter('('.repeat(100_000))).toThrow(/nested too deeply/);
  expect(() => createFilter(`${'-'.repeat(5000)}a`)).toThrow(/nested too deeply/);
});
