import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Fixture, type FixtureName, issueFixtures } from '../../protos/certificates/fixtures.ts';
import type { ServerObservation } from '../../protos/control/fault-server.ts';
import { openEndpoint } from '../endpoints/endpoint.ts';
import { nodeClientEvents } from './testing.ts';

let fixtures: Record<FixtureName, Fixture>;
beforeAll(async () => {
  fixtures = await issueFixtures();
});

async function open(id: string, params: Record<string, unknown> = {}) {
  const observations: ServerObservation[] = [];
  const closed = Promise.withResolvers<void>();
  const acted = Promise.withResolvers<void>();
  let conn = 0;
  const endpoint = await openEndpoint(
    { name: 'forge', kind: 'raw', fault: { id, params } },
    {
      identities: (name) => fixtures[name as FixtureName],
      observe: (observation) => {
        observations.push(observation);
        if (observation.observation === 'fault') acted.resolve();
        if (observation.observation === 'close') closed.resolve();
      },
      nextConn: () => {
        conn += 1;
        return conn;
      },
    },
  );
  onTestFinished(() => endpoint.close());
  return { port: endpoint.port, observations, acted: acted.promise, closed: closed.promise };
}

function client(port: number) {
  return {
    port,
    ca: fixtures.ca.cert,
    servername: 'localhost',
    rejectUnauthorized: true,
    ...fixtures.client,
  };
}

test('the late alert: handshake done at the client, refused at the server, and both say so', async () => {
  const { port, observations, closed } = await open('tls-forge-alert', { code: '48' });
  const seen = await nodeClientEvents(client(port));
  expect(seen.events.slice(0, 2)).toEqual(['secure', 'alert 48']);
  await closed;
  expect(observations.map((one) => one.observation)).toEqual(['open', 'proxy', 'tls', 'fault', 'close']);
  expect(observations[2]).toMatchObject({ outcome: 'fail', client_cert: 'client', error: 'alert 48' });
  expect(observations[3]).toMatchObject({ detail: 'alert 48 after_client_certificate' });
  expect(observations[4]).toMatchObject({ by: 'self', peer_end: 'fin' });
});

test('the same alert in TLS 1.2 is inside the handshake', async () => {
  const { port } = await open('tls-forge-alert', { code: 45, version: 'TLSv1.2' });
  expect((await nodeClientEvents(client(port))).events).toEqual(['alert 45', 'close']);
});

test('a truncated answer: the handshake is ok, the end has no close_notify', async () => {
  const { port, observations, closed } = await open('tls-forge-close');
  const seen = await nodeClientEvents({
    ...client(port),
    ALPNProtocols: ['http/1.1'],
    write: 'GET / HTTP/1.1\r\n\r\n',
  });
  expect(seen).toMatchObject({ protocol: 'TLSv1.3', alpn: 'http/1.1' });
  expect(seen.events[1]).toMatch(/^data HTTP\/1\.1 200 OK\r\n[\s\S]*forged\n$/);
  await closed;
  expect(observations[2]).toMatchObject({ observation: 'tls', outcome: 'ok', sni: 'localhost', error: null });
  expect(observations[3]).toMatchObject({ detail: 'close fin_without_close_notify after_response' });
});

test('a reset inside the handshake', async () => {
  const { port } = await open('tls-forge-close', { how: 'rst', at: 'instead_of_server_hello' });
  expect((await nodeClientEvents(client(port))).events).toEqual(['error ECONNRESET read', 'close']);
});

test('a stall ends when the client does', async () => {
  const { port, observations, acted, closed } = await open('tls-forge-stall', { at: 'after_handshake' });
  const seen = await nodeClientEvents({ ...client(port), giveUp: acted });
  expect(seen.events).toEqual(['secure', 'close']);
  await closed;
  expect(observations.at(-1)).toMatchObject({ observation: 'close', by: 'peer' });
});

test('a parameter that is none is refused before anything listens', async () => {
  await expect(open('tls-forge-alert', { code: 256 })).rejects.toThrow('tls-forge-alert');
  await expect(open('tls-forge-alert', { at: 'never' })).rejects.toThrow('tls-forge-alert');
  await expect(open('tls-forge-alert', { colour: 1 })).rejects.toThrow('unknown parameter "colour"');
});
