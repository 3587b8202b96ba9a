import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Fixture, type FixtureName, issueFixtures } from '../../protos/certificates/fixtures.ts';
import type { ClientSpec } from '../../protos/control/fault-client.ts';
import { faultParams } from '../faults/params.ts';
import { Run } from '../run/run.ts';
import { tlsForgeFaults } from './faults.ts';
import { startNodeServer } from './testing.ts';

let fixtures: Record<FixtureName, Fixture>;
beforeAll(async () => {
  fixtures = await issueFixtures();
});

async function nodeServer(options: Parameters<typeof startNodeServer>[0] = {}) {
  const server = await startNodeServer({ ...fixtures.server, ALPNProtocols: ['h2', 'http/1.1'], ...options });
  onTestFinished(server.close);
  return server;
}

function start(id: string, port: number, given: Record<string, unknown>, tls: ClientSpec['tls'] = {}) {
  const fault = tlsForgeFaults.find((one) => one.id === id)!;
  const run = new Run({
    certificates: { get: (name) => fixtures[name as FixtureName], add: () => undefined },
    onSocket: () => undefined,
  });
  onTestFinished(() => run.destroy());
  const target = `127.0.0.1:${port}`;
  const done = fault.run({ target, proto: 'raw', tls }, run, faultParams(fault, given));
  return { done, result: () => run.result('ok', null, 0) };
}

test('every parameter has a default, and what is no parameter is refused', () => {
  for (const fault of tlsForgeFaults) {
    expect(Object.keys(faultParams(fault))).toEqual(Object.keys(fault.params.properties));
    expect(() => faultParams(fault, { colour: 1 })).toThrow(fault.id);
  }
});

test.each(['TLSv1.3', 'TLSv1.2'])(
  'our certificate refused: %s server is told the very alert',
  async (version) => {
    const server = await nodeServer();
    const { done, result } = start('tls-client-alert', server.port, { code: 45, version });
    await done;
    await server.settled;
    expect(server.events).toEqual(['alert 45']);
    expect(result()).toMatchObject({ tls: null, close: { by: 'self', peer_end: 'fin' } });
  },
);

test('a corrupted record: the server answers with alert 20 and ends', async () => {
  const server = await nodeServer();
  const { done, result } = start('tls-client-bad-record-mac', server.port, {});
  await done;
  expect(result()).toMatchObject({
    tls: { version: 'TLSv1.3', alpn: 'http/1.1', server_cert: 'localhost' },
    close: { by: 'peer' },
    notes: ['alert 20 received'],
  });
});

test('a reset after the request', async () => {
  const server = await nodeServer();
  // In TLS 1.3 Node may lose the reset: its ticket's write takes the ECONNRESET and the next read says end of stream.
  const { done, result } = start('tls-client-close', server.port, { how: 'rst', version: 'TLSv1.2' });
  await done;
  await server.settled;
  expect(server.events[0]).toBe('secure TLSv1.2 http/1.1');
  expect(server.events[1]).toMatch(/^data GET \/mode\/ok HTTP\/1\.1\r\n/);
  expect(server.events.slice(2)).toEqual(['error ECONNRESET read', 'close']);
  expect(result().close.by).toBe('self');
});

test('a stall lasts until the server gives up', async () => {
  const server = await nodeServer({ handshakeTimeout: 50 });
  const { done, result } = start('tls-client-stall', server.port, {});
  await done;
  expect(server.events).toEqual(['error ERR_TLS_HANDSHAKE_TIMEOUT']);
  expect(result().close.by).toBe('peer');
});

test('an unusual ClientHello still gets its answer from an HTTPS server', async () => {
  const server = https.createServer(fixtures.server, (request, response) => {
    response.end(`${request.method} ${request.url} ${request.headers.host}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { done, result } = start(
    'tls-client-hello',
    (server.address() as AddressInfo).port,
    { fragment_bytes: 100, padding_bytes: 2000, grease: true, pq_key_share: true },
    { cert: 'client' },
  );
  await done;
  const answer = Buffer.from(result().received_hex ?? '', 'hex').toString();
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).toContain('GET /mode/ok localhost');
  expect(result().close).toMatchObject({ by: 'peer', peer_end: 'fin' });
});

test('a server that ends first makes the run fail with its alert', async () => {
  const server = await nodeServer({ ALPNProtocols: ['h2'] });
  const { done } = start('tls-client-alert', server.port, { at: 'after_response' });
  await expect(done).rejects.toMatchObject({ phase: 'tls', code: 'ALERT_120' });
});
