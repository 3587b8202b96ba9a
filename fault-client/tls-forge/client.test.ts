import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type tls from 'node:tls';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Fixture, type FixtureName, issueFixtures } from '../../protos/certificates/fixtures.ts';
import { libuvHidesResets, needsResets } from '../testing/hidden-reset.ts';
import { forgeClient } from './client.ts';
import type { ForgeClientPlan } from './plan.ts';
import { forgeTo, startNodeServer } from './testing.ts';

let fixtures: Record<FixtureName, Fixture>;
beforeAll(async () => {
  fixtures = await issueFixtures();
});

const versions: ForgeClientPlan['version'][] = ['TLSv1.3', 'TLSv1.2'];
const openssl = spawnSync('openssl', ['version']).status === 0;

async function nodeServer(options: tls.TlsOptions & { answer?: string } = {}) {
  const server = await startNodeServer({
    ...fixtures.server,
    ALPNProtocols: ['h2', 'http/1.1'],
    ...options,
  });
  onTestFinished(server.close);
  return server;
}

describe.each(versions)('an honest %s plan', (version) => {
  test('talks to Node with SNI, ALPN and a client certificate', async () => {
    const server = await nodeServer({
      answer: 'hello',
      ca: fixtures.ca.cert,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const report = await forgeTo(server.port, {
      version,
      servername: 'localhost',
      alpn: ['http/1.1'],
      ...fixtures.client,
      request: Buffer.from('hi'),
    });
    await server.settled;
    expect(server.events).toEqual([`secure ${version} http/1.1`, 'data hi', 'end', 'close']);
    expect(server.servername()).toBe('localhost');
    expect(server.clientCertificate()).toContain('CN=client');
    expect(report).toMatchObject({
      alpn: 'http/1.1',
      serverCertificate: 'localhost',
      received: Buffer.from('hello'),
      peerAlert: { level: 1, code: 0 },
      error: null,
    });
  });

  test.each([
    ['in 16 byte records', { fragmentBytes: 16 }],
    ['byte by byte in records', { fragmentBytes: 1 }],
    ['with 4000 bytes of padding', { paddingBytes: 4000 }],
    ['with GREASE', { grease: true }],
    ['with a share of post-quantum size', { pqKeyShare: true }],
    ['over P-256', { groups: ['secp256r1'] as const }],
    ['over X25519', { groups: ['x25519', 'secp256r1'] as const }],
  ])('is accepted %s', async (_, hello) => {
    const server = await nodeServer({ answer: 'hello' });
    const report = await forgeTo(server.port, { version, hello, request: Buffer.from('hi') });
    expect(report).toMatchObject({ received: Buffer.from('hello'), error: null });
    await server.settled;
  });
});

describe.each(versions)('alerts in %s', (version) => {
  test.each([42, 45, 46, 48])('%i instead of the client flight fails the handshake', async (code) => {
    const server = await nodeServer();
    const report = await forgeTo(server.port, { version, alert: { code, at: 'after_server_certificate' } });
    await server.settled;
    expect(server.events).toEqual([`alert ${code}`]);
    expect(report).toMatchObject({ did: 'alert', serverCertificate: 'localhost', error: null });
  });

  test.each(['after_client_hello', 'after_server_hello'] as const)('%s fails the handshake', async (at) => {
    const server = await nodeServer();
    await forgeTo(server.port, { version, alert: { code: 80, at } });
    await server.settled;
    expect(server.events).toEqual(['alert 80']);
  });

  test('after the handshake comes behind it', async () => {
    const server = await nodeServer();
    await forgeTo(server.port, { version, alert: { code: 48, at: 'after_handshake' } });
    await server.settled;
    expect(server.events.slice(0, 2)).toEqual([`secure ${version} -`, 'alert 48']);
  });

  test('a warning does not end the connection', async () => {
    const server = await nodeServer({ answer: 'hello' });
    const alert = { code: 90, level: 1, at: 'after_handshake' } as const;
    const report = await forgeTo(server.port, { version, alert, request: Buffer.from('hi') });
    expect(report.received.toString()).toBe('hello');
    await server.settled;
  });

  test('a corrupted record is answered by bad_record_mac', async () => {
    const server = await nodeServer();
    const report = await forgeTo(server.port, { version, record: { how: 'corrupt', at: 'after_handshake' } });
    await server.settled;
    expect(server.events[0]).toBe(`secure ${version} -`);
    expect(server.events[1]).toMatch(/^error ERR_SSL_(DECRYPTION_FAILED|CIPHER_OPERATION_FAILED)/);
    expect(report).toMatchObject({ did: 'bad_record', peerAlert: { level: 2, code: 20 } });
  });
});

describe('ClientHellos Node answers', () => {
  test.each([
    ['an Encrypted ClientHello of random bytes', { ech: true }],
    ['a ticket it never issued', { ticket: 'stale' }],
    ['early data behind such a ticket, which it skips', { ticket: 'early' }],
    ['no key share, by a HelloRetryRequest', { noKeyShare: true }],
  ] as const)('%s', async (_, hello) => {
    const server = await nodeServer({ answer: 'hello' });
    const report = await forgeTo(server.port, { version: 'TLSv1.3', hello, request: Buffer.from('hi') });
    await server.settled;
    expect(server.events.slice(0, 2)).toEqual(['secure TLSv1.3 -', 'data hi']);
    expect(report).toMatchObject({
      received: Buffer.from('hello'),
      error: null,
      retried: 'noKeyShare' in hello,
    });
  });

  test.each(versions)('%s: an extension sent twice is refused by alert 47', async (version) => {
    const server = await nodeServer();
    const report = await forgeTo(server.port, { version, hello: { duplicateExtension: true } });
    expect(report).toMatchObject({ peerAlert: { level: 2, code: 47 } });
  });

  test.each(versions)('%s: no known group is refused by alert 40', async (version) => {
    const server = await nodeServer();
    const report = await forgeTo(server.port, { version, hello: { noKnownGroup: true } });
    expect(report).toMatchObject({ peerAlert: { level: 2, code: 40 } });
  });

  test.each(['a'.repeat(256), 'local\0host'])(
    'a server name that is none is refused by alert 112',
    async (name) => {
      const server = await nodeServer();
      const report = await forgeTo(server.port, { version: 'TLSv1.3', servername: name });
      expect(report).toMatchObject({ peerAlert: { level: 2, code: 112 } });
    },
  );
});

describe('behind the handshake', () => {
  test.each(
    versions.flatMap((version) =>
      (['corrupt', 'drop', 'duplicate', 'reorder'] as const).map((how) => [version, how] as const),
    ),
  )('%s: a record that is %s is answered by alert 20', async (version, how) => {
    const server = await nodeServer();
    const report = await forgeTo(server.port, { version, record: { how, at: 'after_handshake' } });
    await server.settled;
    expect(server.events[1]).toMatch(/^error ERR_SSL_(DECRYPTION_FAILED|CIPHER_OPERATION_FAILED)/);
    expect(report).toMatchObject({ did: 'bad_record', peerAlert: { level: 2, code: 20 } });
  });

  test.each(versions)('%s: a cut record is an end without a byte of it', async (version) => {
    const server = await nodeServer();
    const report = await forgeTo(server.port, {
      version,
      record: { how: 'truncate', at: 'after_handshake' },
    });
    await server.settled;
    expect(server.events).toEqual([`secure ${version} -`, 'end', 'close']);
    expect(report.did).toBe('bad_record');
  });

  test.each([1, 32])('%i KeyUpdates are followed by a request under the new keys', async (count) => {
    const server = await nodeServer({ answer: 'hello' });
    const keyUpdates = { count, at: 'after_handshake' } as const;
    const report = await forgeTo(server.port, { version: 'TLSv1.3', keyUpdates, request: Buffer.from('hi') });
    expect(report).toMatchObject({ did: 'key_updates', received: Buffer.from('hello'), error: null });
  });

  test.each(['certificate', 'client_hello', 'finished'] as const)('a %s is out of place', async (kind) => {
    const server = await nodeServer();
    const message = { kind, at: 'after_handshake' } as const;
    const report = await forgeTo(server.port, { version: 'TLSv1.3', message });
    expect(report).toMatchObject({ did: 'message', peerAlert: { level: 2, code: 10 } });
    expect(server.events[1]).toBe('error ERR_SSL_UNEXPECTED_MESSAGE');
  });
});

describe.each(versions)('ends in %s', (version) => {
  test.skipIf(libuvHidesResets)(`a reset inside the handshake is a reset (${needsResets})`, async () => {
    const server = await nodeServer();
    await forgeTo(server.port, { version, close: { how: 'rst', at: 'after_server_certificate' } });
    await server.settled;
    expect(server.events).toEqual(['error ECONNRESET read']);
  });

  test('a stall ends with the server', async () => {
    const server = await nodeServer({ handshakeTimeout: 50 });
    const report = await forgeTo(server.port, { version, stall: 'after_server_certificate' });
    expect(report).toMatchObject({ did: 'stall', stage: 'after_server_certificate', error: null });
    expect(server.events).toEqual(['error ERR_TLS_HANDSHAKE_TIMEOUT']);
  });
});

test('a server that asks for a certificate and requires it sends its alert behind the handshake', async () => {
  const server = await nodeServer({ ca: fixtures.ca.cert, requestCert: true, rejectUnauthorized: true });
  const report = await forgeTo(server.port, { version: 'TLSv1.3' });
  expect(report).toMatchObject({ stage: 'after_request', peerAlert: { level: 2, code: 116 } });
});

test('a server that speaks no TLS, or lies, is answered by an alert, never by an exception', async () => {
  const replies = [
    'HTTP/1.1 400 Bad Request\r\n\r\n',
    '\x16\x03\x03\xff\xff',
    '\x16\x03\x03\x00\x04\x02\x00\x00\x00',
  ];
  for (const reply of replies) {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(Buffer.from(reply, 'latin1'));
      socket.resume();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const report = await forgeTo((server.address() as AddressInfo).port, { version: 'TLSv1.3' });
    expect(report.error).not.toBeNull();
    server.close();
  }
});

describe.skipIf(!openssl)('OpenSSL as the server (skipped without an openssl program)', () => {
  test.each(versions)('reads the alert and the close_notify, %s', async (version) => {
    const directory = mkdtempSync(join(tmpdir(), 'forge-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, 'cert.pem'), fixtures.server.cert);
    writeFileSync(join(directory, 'key.pem'), fixtures.server.key);
    const args = ['s_server', '-accept', '127.0.0.1:0', '-cert', 'cert.pem', '-key', 'key.pem', '-msg'];
    const server = spawn('openssl', args, { cwd: directory });
    onTestFinished(() => void server.kill());
    let out = '';
    const said = (text: RegExp) =>
      new Promise<void>((resolve) => {
        const look = () => text.test(out) && resolve();
        server.stdout.on('data', look);
        server.stderr.on('data', look);
        look();
      });
    for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (out += chunk));
    await said(/ACCEPT \S+:\d+\n/);
    const port = Number(/ACCEPT \S+:(\d+)\n/.exec(out)?.[1]);
    const report = await forgeTo(port, { version, alert: { code: 46, at: 'after_server_certificate' } });
    expect(report.serverCertificate).toBe('localhost');
    await said(/SSL alert number 46/);
    expect(out).toMatch(/<<< TLS 1\.\d, Alert \[length 0002\], fatal certificate_unknown/);
    await forgeTo(port, { version, close: { how: 'fin', at: 'after_handshake' } });
    await said(/warning close_notify/);
  });
});

test('bad PEM text of the plan is the one thing that rejects', async () => {
  const socket = new net.Socket();
  await expect(forgeClient(socket, { version: 'TLSv1.3', cert: 'no', key: 'no' })).rejects.toThrow('PEM');
});
