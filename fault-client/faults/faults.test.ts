import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type HttpPeer, openHttpPeer } from '../testing/http-peer.ts';
import { type Fixtures, openFixtures, runSpec } from '../testing/run-spec.ts';

let fixtures: Fixtures;
let peer: HttpPeer;

beforeAll(async () => {
  fixtures = await openFixtures();
});
afterAll(() => fixtures.remove());
beforeEach(async () => {
  peer = await openHttpPeer(fixtures, (request, response) => {
    request.resume();
    request.on('end', () => response.end('hello'));
  });
  return () => peer.close();
});

const run = (id: string) => runSpec(fixtures, { target: peer.target, proto: 'raw', fault: { id } });

// What Node's own TLS and llhttp call the fault.
test.each([
  ['tls-http-to-tls', /^tls ERR_SSL_HTTP_REQUEST/],
  ['tls-garbage', /^tls ERR_SSL_/],
  ['tls-record-too-long', /^tls ERR_SSL_(PACKET_LENGTH_TOO_LONG|DATA_LENGTH_TOO_LONG)/],
  ['tls-connect-to-tls', /^tls ERR_SSL_HTTPS_PROXY_REQUEST/],
  ['tls-h2c-to-tls', /^tls ERR_SSL_WRONG_VERSION_NUMBER/],
  ['tls-ssh-to-tls', /^tls ERR_SSL_WRONG_VERSION_NUMBER/],
  ['tls-proxy-v1-to-tls', /^tls ERR_SSL_WRONG_VERSION_NUMBER/],
  ['tls-proxy-v2-to-tls', /^tls ERR_SSL_WRONG_VERSION_NUMBER/],
  ['tls-hs-unexpected', /^tls ERR_SSL_UNEXPECTED_MESSAGE/],
  ['tls-server-hello-first', /^tls ERR_SSL_UNEXPECTED_MESSAGE/],
  ['tls-appdata-first', /^tls ERR_SSL_(UNEXPECTED_MESSAGE|BAD_RECORD_TYPE)/],
  ['tls-alert-first', /^tls ERR_SSL_(UNEXPECTED_MESSAGE|BAD_RECORD_TYPE)/],
  ['tls-ccs-first', /^tls ERR_SSL_(UNEXPECTED_MESSAGE|BAD_RECORD_TYPE|CCS_RECEIVED_EARLY)/],
  ['tls-empty-records', /^tls ERR_SSL_RECORD_TOO_SMALL/],
  ['tls-hello-too-long', /^tls ERR_SSL_EXCESSIVE_MESSAGE_SIZE/],
  ['tls-sslv3-hello', /^tls ERR_SSL_LENGTH_TOO_SHORT/],
  ['tls-sslv3-whole-hello', /^tls ERR_SSL_(UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW)/],
  ['tls-sslv2-hello', /^tls ERR_SSL_UN(KNOWN|SUPPORTED)_PROTOCOL/],
  ['tls-hello-twice', /^tls ERR_SSL_(BAD_RECORD_TYPE|UNEXPECTED_MESSAGE)/],
  ['pp1-tcp4', /^tls ERR_SSL_/],
  ['tls-proxy-inside', /^http HPE_INVALID_METHOD/],
  ['h1-cl-te', /^http HPE_INVALID_/],
  ['h1-obs-fold', /^http HPE_INVALID_HEADER_TOKEN/],
  ['h1-bad-chunk', /^http HPE_INVALID_CHUNK_SIZE/],
  ['h1-fin-mid-headers', /^http HPE_INVALID_EOF_STATE/],
  ['h1-pri-preface', /^http HPE_PAUSED_H2_UPGRADE/],
  ['h1-dup-content-length', /^http HPE_UNEXPECTED_CONTENT_LENGTH/],
])('%s is seen as %s', async (id, event) => {
  await run(id);
  await peer.saw(event);
});

test.each(['tls-hello-bytewise', 'tls-hello-records', 'tls-no-close-notify', 'h1-pipeline', 'h1-half-close'])(
  '%s is served',
  async (id) => {
    const result = await run(id);
    expect(result.outcome).toBe('ok');
    expect(result.exchanges.length).toBeGreaterThan(0);
    for (const exchange of result.exchanges)
      expect(exchange).toMatchObject({ status: 200, complete: true, body_bytes: 5 });
  },
);

test.each(['TLSv1.2', 'TLSv1.3'])('tls-resume, %s: the second connection is resumed', async (version) => {
  const spec = {
    target: peer.target,
    proto: 'raw',
    fault: { id: 'tls-resume', params: { version } },
  } as const;
  const result = await runSpec(fixtures, spec);
  expect(result).toMatchObject({ outcome: 'ok', notes: ['resumed: true'] });
  expect(result.exchanges.map(({ status }) => status)).toEqual([200, 200]);
});

test('tls-renegotiate is an attack to Node from the fourth on', async () => {
  const spec = {
    target: peer.target,
    proto: 'raw',
    fault: { id: 'tls-renegotiate', params: { count: 2 } },
  } as const;
  const few = await runSpec(fixtures, spec);
  expect(few).toMatchObject({ outcome: 'ok', notes: ['renegotiated 1', 'renegotiated 2'] });
  await run('tls-renegotiate');
  await peer.saw(/ERR_TLS_SESSION_ATTACK/);
});
