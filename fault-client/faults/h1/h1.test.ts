import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type HttpPeer, openHttpPeer } from '../../testing/http-peer.ts';
import { type Fixtures, openFixtures, runSpec } from '../../testing/run-spec.ts';

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

const run = (id: string, params?: Record<string, unknown>) =>
  runSpec(fixtures, { target: peer.target, proto: 'raw', fault: { id, params } });

// What llhttp calls the fault; the handler has run where the header was good.
test.each([
  ['h1-bad-method', 'HPE_INVALID_METHOD'],
  ['h1-proxy-line', 'HPE_INVALID_METHOD'],
  ['h1-tls-hello', 'HPE_INVALID_METHOD'],
  ['h1-bad-version', 'HPE_INVALID_VERSION'],
  ['h1-nul', 'HPE_INVALID_HEADER_TOKEN'],
  ['h1-bare-cr', 'HPE_(CR_EXPECTED|LF_EXPECTED|INVALID_HEADER_TOKEN)'],
  ['h1-no-colon', 'HPE_INVALID_HEADER_TOKEN'],
  ['h1-bad-name', 'HPE_INVALID_HEADER_TOKEN'],
  ['h1-header-overflow', 'HPE_HEADER_OVERFLOW', { bytes: 20_000 }],
  ['h1-chunk-ext-bomb', 'HPE_CHUNK_EXTENSIONS_OVERFLOW'],
  ['h1-smuggle-cl-te', 'HPE_INVALID_(TRANSFER_ENCODING|CONTENT_LENGTH)'],
  ['h1-smuggle-te-cl', 'HPE_INVALID_(TRANSFER_ENCODING|CONTENT_LENGTH)'],
  ['h1-smuggle-te-identity', 'HPE_INVALID_(TRANSFER_ENCODING|CONTENT_LENGTH)'],
  ['h1-smuggle-te-two-lines', 'HPE_INVALID_TRANSFER_ENCODING'],
  ['h1-smuggle-te-vt', 'HPE_INVALID_(HEADER_TOKEN|TRANSFER_ENCODING|CONTENT_LENGTH)'],
  ['h1-smuggle-te-xchunked', 'HPE_INVALID_TRANSFER_ENCODING'],
  ['h1-smuggle-te-space-colon', 'HPE_INVALID_HEADER_TOKEN'],
  [
    'h1-smuggle-te-folded',
    'HPE_(INVALID_HEADER_TOKEN|LF_EXPECTED|INVALID_CONTENT_LENGTH|INVALID_TRANSFER_ENCODING)',
  ],
  ['h1-smuggle-cl-twice', 'HPE_UNEXPECTED_CONTENT_LENGTH'],
  ['h1-smuggle-cl-list', 'HPE_INVALID_CONTENT_LENGTH'],
  ['h1-smuggle-cl-plus', 'HPE_INVALID_CONTENT_LENGTH'],
  ['h1-smuggle-cl-negative', 'HPE_INVALID_CONTENT_LENGTH'],
  ['h1-smuggle-cl-hex', 'HPE_INVALID_CONTENT_LENGTH'],
  ['h1-smuggle-cl-overflow', 'HPE_INVALID_CONTENT_LENGTH'],
  ['h1-smuggle-chunk-overflow', 'HPE_INVALID_CHUNK_SIZE'],
  ['h1-smuggle-chunk-underscore', 'HPE_INVALID_CHUNK_SIZE'],
  ['h1-smuggle-chunk-0x', 'HPE_INVALID_CHUNK_SIZE'],
  ['h1-smuggle-chunk-negative', 'HPE_INVALID_CHUNK_SIZE'],
  ['h1-smuggle-chunk-lf', 'HPE_(CR_EXPECTED|LF_EXPECTED|INVALID_CHUNK_SIZE)'],
  ['h1-smuggle-chunk-ext-lf', 'HPE_(STRICT|CR_EXPECTED|LF_EXPECTED|INVALID_CHUNK_SIZE)'],
  ['h1-smuggle-chunk-no-crlf', 'HPE_(STRICT|CR_EXPECTED|LF_EXPECTED|INVALID_CHUNK_SIZE)'],
  ['h1-smuggle-trailer-cl', 'HPE_'],
  ['h1-smuggle-te-http10', 'HPE_'],
] as [string, string, Record<string, unknown>?][])('%s is %s to Node', async (id, code, params) => {
  const result = await run(id, params);
  expect(await peer.saw(/^http /)).toMatch(new RegExp(`^http ${code}`));
  expect(peer.events.filter((event) => event.includes('smuggled'))).toEqual([]);
  expect(result.close.peer_end).not.toBe(null);
});

// What HTTP allows is served.
test.each([
  ['h1-leading-crlf', ['request GET /mode/ok']],
  ['h1-two-hosts', ['request GET /mode/ok']],
  ['h1-absolute-host-mismatch', ['request GET http://other.example/mode/ok']],
  ['h1-slow-headers', ['request GET /mode/ok'], { every_ms: 1 }],
  ['h1-slow-body', ['request POST /sink'], { every_ms: 1 }],
  ['h1-expect-100', ['request POST /sink']],
  ['h1-smuggle-cl-0', ['request POST /sink', 'request GET /mode/ok?sentinel']],
] as [string, string[], Record<string, unknown>?][])('%s is served', async (id, requests, params) => {
  const result = await run(id, params);
  expect(peer.events.filter((event) => event.startsWith('request'))).toEqual(requests);
  expect(result.outcome).toBe('ok');
  for (const exchange of result.exchanges) expect(exchange).toMatchObject({ status: 200, complete: true });
});

test('h1-expect-100 waits for 100 and gives its body up for a final answer', async () => {
  expect((await run('h1-expect-100')).exchanges).toMatchObject([{ informational: [100], status: 200 }]);
  peer.server.on('checkExpectation', (_request, response) => {
    response.writeHead(417, { connection: 'close' });
    response.end();
  });
  const refused = await run('h1-expect-100', { expect: 'a miracle', patience_ms: 60_000 });
  expect(refused.exchanges).toMatchObject([{ informational: [], status: 417 }]);
});

test.each(['h1-slow-headers-stall', 'h1-http09'])('%s waits for the peer', async (id) => {
  peer.server.on('secureConnection', (socket) => setTimeout(() => socket.end(), 50));
  expect(await run(id)).toMatchObject({ exchanges: [], close: { by: 'peer', peer_end: 'fin' } });
});

test.each([
  ['h1-upgrade-h2c', 'h2c'],
  ['h1-upgrade-ws', 'websocket'],
])('%s asks for %s', async (id, protocol) => {
  const asked = new Promise((resolve) =>
    peer.server.on('upgrade', (request, socket) => {
      resolve(request.headers.upgrade);
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    }),
  );
  expect((await run(id)).exchanges).toMatchObject([{ status: 101 }]);
  expect(await asked).toBe(protocol);
});
