import { expect, test } from 'vitest';
import type { ReadRecord } from '../../query/reading/record-reader.ts';
import { DiagnosisEngine } from '../engine/engine.ts';
import { rules } from '../rules/index.ts';

/** Rows with the keys wiretracer 1.50 wrote, and no others. */
const base = { listener: 'l', client_ip: '127.0.0.1', client_port: 5000, conn_id: 'c' };
const close = (reason: string, by = 'client'): ReadRecord => ({
  kind: 'conn',
  id: 'close',
  ts: 2,
  ...base,
  upstream_addr: '127.0.0.1:1',
  event: 'close',
  proxy_version: 'none',
  proxy_src: null,
  proxy_dst: null,
  closed_by: by,
  close_reason: reason,
  duration_ms: 9,
  flags: [reason],
  tid: null,
  path: null,
});
const tls = (side: 'in' | 'out', fields: object, alpn: string | null = null): ReadRecord => ({
  kind: 'tls',
  id: side,
  ts: 1,
  ...base,
  side,
  outcome: 'ok',
  reason: null,
  category: null,
  detail: null,
  tls: { sni: null, alpn, version: alpn === null ? null : 'TLSv1.3', cipher: null },
  upstream: { addr: '127.0.0.1:1' },
  fingerprints: {},
  ...fields,
});
const event = (fields: object, protocol = 'http2'): ReadRecord => ({
  kind: 'event',
  id: 'event',
  ts_start: 1,
  ts_end: 1.5,
  ...base,
  upstream_addr: '127.0.0.1:1',
  protocol,
  tls: {},
  request: { headers: {}, method: 'POST', path: '/x', stream_id: 1 },
  response: { headers: {}, status: 200 },
  bytes_in: 0,
  bytes_out: 0,
  duration_ms: 500,
  flags: [],
  error: null,
  ...fields,
});
const failed = (fields: object): object => ({ outcome: 'fail', ...fields });

function found(...records: ReadRecord[]): string[] {
  const engine = new DiagnosisEngine(rules);
  records.forEach((record, index) => {
    engine.add(record, index + 1);
  });
  engine.finish();
  return engine.findings().map(({ id, variant }) => (variant === null ? id : `${id}/${variant}`));
}

test.each<[string[], ReadRecord[]]>([
  [
    ['client-cert-expired'],
    [tls('in', failed({ reason: 'cert_verify_failed', category: 'expired' })), close('tls_in_fail')],
  ],
  [
    ['client-cert-unknown-ca'],
    [tls('in', failed({ reason: 'cert_verify_failed', category: 'unknown_ca' })), close('tls_in_fail')],
  ],
  [
    ['client-cert-missing'],
    [
      tls('in', failed({ reason: 'tls_error', detail: '[SSL: PEER_DID_NOT_RETURN_A_CERTIFICATE] …' })),
      close('tls_in_fail'),
    ],
  ],
  [
    ['client-rejects-certificate/unknown-ca'],
    [
      tls('in', failed({ reason: 'tls_error', detail: '[SSL: TLSV1_ALERT_UNKNOWN_CA] …' })),
      close('tls_in_fail'),
    ],
  ],
  [
    ['plaintext-to-tls/http'],
    [
      tls('in', failed({ reason: 'tls_error', detail: '[SSL: HTTP_REQUEST] http request' })),
      close('tls_in_fail'),
    ],
  ],
  [
    ['upstream-alpn-mismatch/no-h2'],
    [
      tls('in', {}, 'h2'),
      tls('out', failed({ reason: 'no_application_protocol' })),
      close('upstream_connect_fail', 'proxy'),
    ],
  ],
  [
    ['upstream-alpn-mismatch/no-h2'],
    [tls('in', {}, 'h2'), tls('out', {}, 'http/1.1'), close('upstream_protocol_error', 'upstream')],
  ],
  [
    ['upstream-cert-refused'],
    [tls('out', failed({ reason: 'cert_verify_failed' })), close('upstream_connect_fail', 'proxy')],
  ],
  [['upstream-unreachable/unknown'], [close('upstream_connect_fail', 'proxy')]],
  [['proxy-header-malformed/malformed'], [close('proxy_protocol_error')]],
  [
    ['stream-reset/internal-error'],
    [event({ error: 'upstream reset: 2', response: { headers: {}, status: null } }), close('upstream_fin')],
  ],
  [['client-cancelled'], [event({ error: 'downstream reset: 8' }), close('client_fin')]],
  [
    ['grpc-unimplemented/method'],
    [event({ response: { headers: { 'grpc-status': '12' }, status: 200 } }, 'grpc'), close('client_fin')],
  ],
  [
    ['grpc-status-missing/not-grpc'],
    [
      event({ response: { headers: { 'content-type': 'text/html' }, status: 200 } }, 'grpc'),
      close('client_fin'),
    ],
  ],
  [['http-server-error/503'], [event({ response: { headers: {}, status: 503 } }), close('client_fin')]],
  [['deadline/response-headers'], [close('upstream_read_timeout', 'proxy')]],
  [[], [tls('in', {}, 'h2'), event({}), close('client_fin')]],
  [
    [],
    [
      event({ response: { headers: { 'grpc-status': '0' }, status: 200 } }, 'grpc'),
      close('completed', 'proxy'),
    ],
  ],
])('%j', (expected, records) => {
  expect(found(...records)).toEqual(expected);
});
