import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Fixture, type FixtureName, issueFixtures } from '../../protos/certificates/fixtures.ts';
import { libuvHidesResets, needsResets } from '../testing.ts';
import type { ForgeServerPlan } from './plan.ts';
import { nodeClientEvents, startForge } from './testing.ts';

let fixtures: Record<FixtureName, Fixture>;
beforeAll(async () => {
  fixtures = await issueFixtures();
});

type Version = ForgeServerPlan['version'];
const versions: Version[] = ['TLSv1.3', 'TLSv1.2'];
const openssl = spawnSync('openssl', ['version']).status === 0;
const run = promisify(execFile);

async function forge(plan: Omit<ForgeServerPlan, 'cert' | 'key'>) {
  const server = await startForge({ ...fixtures.server, ...plan });
  onTestFinished(server.close);
  return server;
}

function trusting(port: number) {
  return { port, ca: fixtures.ca.cert, servername: 'localhost', rejectUnauthorized: true };
}

describe.each(versions)('an honest %s plan', (version) => {
  test('is accepted by Node with ALPN, and serves', async () => {
    const response = Buffer.from('hello');
    const server = await forge({
      version,
      alpn: ['h2'],
      respond: () => response,
      close: { how: 'fin', at: 'after_response' },
    });
    const seen = await nodeClientEvents({
      ...trusting(server.port),
      ALPNProtocols: ['http/1.1', 'h2'],
      write: 'hi',
    });
    expect(seen).toEqual({ events: ['secure', 'data hello', 'end', 'close'], protocol: version, alpn: 'h2' });
    expect(await server.report).toMatchObject({ servername: 'localhost', receivedBytes: 2, error: null });
  });

  // P-256 stays in both lists: in TLS 1.2 it also says which certificates the client takes.
  test.each(['X25519:P-256', 'P-256'])('is accepted over %s', async (ecdhCurve) => {
    const server = await forge({ version, close: { how: 'fin', at: 'after_handshake' } });
    const seen = await nodeClientEvents({ ...trusting(server.port), ecdhCurve });
    expect(seen.events).toEqual(['secure', 'end', 'close']);
  });

  test('sends a body longer than a record', async () => {
    const response = Buffer.alloc(50_000, 'x');
    const server = await forge({
      version,
      respond: () => response,
      close: { how: 'fin', at: 'after_response' },
    });
    const seen = await nodeClientEvents({ ...trusting(server.port), write: 'hi' });
    const text = seen.events.filter((event) => event.startsWith('data ')).map((event) => event.slice(5));
    expect(text.join('')).toBe(response.toString());
  });
});

describe('lies that Node breaks off', () => {
  test.each([
    ['old_version', 'TLSv1.3', 'ERR_SSL_UNSUPPORTED_PROTOCOL', 70],
    ['downgrade', 'TLSv1.2', 'ERR_SSL_INAPPROPRIATE_FALLBACK', 47],
    ['unoffered_suite', 'TLSv1.2', 'ERR_SSL_UNKNOWN_CIPHER_RETURNED', 47],
    ['unoffered_suite', 'TLSv1.3', 'ERR_SSL_WRONG_CIPHER_RETURNED', 47],
    ['unoffered_group', 'TLSv1.3', 'ERR_SSL_BAD_KEY_SHARE', 47],
    ['unoffered_alpn', 'TLSv1.2', 'ERR_SSL_BAD_EXTENSION', 50],
    ['unoffered_alpn', 'TLSv1.3', 'ERR_SSL_BAD_EXTENSION', 50],
    ['empty_certificate', 'TLSv1.2', 'ERR_SSL_LENGTH_MISMATCH', 50],
    ['empty_certificate', 'TLSv1.3', 'ERR_SSL_LENGTH_MISMATCH', 50],
    ['garbage_certificate', 'TLSv1.3', 'ERR_SSL_HEADER_TOO_LONG', 42],
    ['huge_certificate', 'TLSv1.2', 'ERR_SSL_EXCESSIVE_MESSAGE_SIZE', 47],
    ['huge_certificate', 'TLSv1.3', 'ERR_SSL_EXCESSIVE_MESSAGE_SIZE', 47],
    ['bad_signature', 'TLSv1.2', 'ERR_SSL_PROVIDER_SIGNATURE_FAILURE', 51],
    ['bad_signature', 'TLSv1.3', 'ERR_SSL_PROVIDER_SIGNATURE_FAILURE', 51],
    ['bad_finished', 'TLSv1.2', 'ERR_SSL_DIGEST_CHECK_FAILED', 51],
    ['bad_finished', 'TLSv1.3', 'ERR_SSL_DIGEST_CHECK_FAILED', 51],
  ] as const)('%s, %s', async (lie, version, code, alert) => {
    const server = await forge({ version, lie });
    const seen = await nodeClientEvents({
      ...trusting(server.port),
      ALPNProtocols: lie === 'unoffered_alpn' ? ['h2'] : undefined,
    });
    // A name of the library that changes with its version counts for less than that the handshake failed.
    expect(seen.events[0]).toMatch(/^error ERR_(SSL|OSSL)/);
    if (process.versions.openssl.startsWith('3.5')) expect(seen.events[0]).toBe(`error ${code}`);
    const report = await server.report;
    expect(report.did).toBe('lie');
    // A server that has more to say than the client reads is reset, and may lose the alert.
    if (report.peerAlert !== null) expect(report.peerAlert).toEqual({ level: 2, code: alert });
    else expect(report.peerEnd).toBe('rst');
  });
});

describe.each(versions)('records of a %s plan', (version) => {
  test.each(['corrupt', 'drop', 'duplicate', 'reorder'] as const)(
    '%s is answered by alert 20',
    async (how) => {
      const server = await forge({ version, record: { how, at: 'after_first_application_data' } });
      const seen = await nodeClientEvents({ ...trusting(server.port), write: 'hi' });
      expect(seen.events[0]).toBe('secure');
      expect(seen.events.find((event) => event.startsWith('error'))).toMatch(
        /^error ERR_SSL_(DECRYPTION_FAILED|CIPHER_OPERATION_FAILED)/,
      );
      expect(await server.report).toMatchObject({ did: 'bad_record', peerAlert: { level: 2, code: 20 } });
    },
  );

  test('a cut one is an end without a byte of it', async () => {
    const server = await forge({ version, record: { how: 'truncate', at: 'after_first_application_data' } });
    const seen = await nodeClientEvents({ ...trusting(server.port), write: 'hi' });
    expect(seen.events).toEqual(['secure', 'end', 'close']);
  });
});

test('AES-256-GCM with SHA-384 is accepted when it is all the client offers', async () => {
  const server = await forge({ version: 'TLSv1.3', close: { how: 'fin', at: 'after_handshake' } });
  const seen = await nodeClientEvents({ ...trusting(server.port), ciphers: 'TLS_AES_256_GCM_SHA384' });
  expect(seen.events).toEqual(['secure', 'end', 'close']);
  expect(await server.report).toMatchObject({ cipherSuite: 'TLS_AES_256_GCM_SHA384' });
});

describe.each([42, 45, 48, 116])('alert %i', (code) => {
  test('after the client certificate comes behind secureConnect in TLS 1.3', async () => {
    const server = await forge({
      version: 'TLSv1.3',
      requestClientCert: true,
      alert: { code, at: 'after_client_certificate' },
    });
    const seen = await nodeClientEvents({ ...trusting(server.port), ...fixtures.client });
    expect(seen.events.slice(0, 2)).toEqual(['secure', `alert ${code}`]);
    expect(await server.report).toMatchObject({ did: 'alert', clientCertificate: 'client', error: null });
  });

  test('after the client certificate fails the handshake in TLS 1.2', async () => {
    const server = await forge({
      version: 'TLSv1.2',
      requestClientCert: true,
      alert: { code, at: 'after_client_certificate' },
    });
    const seen = await nodeClientEvents({ ...trusting(server.port), ...fixtures.client });
    expect(seen.events).toEqual([`alert ${code}`, 'close']);
    expect(await server.report).toMatchObject({ did: 'alert', clientCertificate: 'client', error: null });
  });

  test.each(versions)('before and behind the %s ServerHello fails the handshake', async (version) => {
    for (const at of ['instead_of_server_hello', 'after_server_hello'] as const) {
      const server = await forge({ version, alert: { code, at } });
      const seen = await nodeClientEvents(trusting(server.port));
      expect(seen.events).toEqual([`alert ${code}`, 'close']);
    }
  });

  test.each(versions)('after application data is seen behind secureConnect in %s', async (version) => {
    const server = await forge({ version, alert: { code, at: 'after_first_application_data' } });
    const seen = await nodeClientEvents({ ...trusting(server.port), write: 'hi' });
    expect(seen.events.slice(0, 2)).toEqual(['secure', `alert ${code}`]);
    expect(await server.report).toMatchObject({ receivedBytes: 2 });
  });
});

test.each(versions)('a %s client without a certificate is reported as such', async (version) => {
  const alert = { code: 116, at: 'after_client_certificate' } as const;
  const server = await forge({ version, requestClientCert: true, alert });
  await nodeClientEvents(trusting(server.port));
  expect(await server.report).toMatchObject({ clientCertificate: null, did: 'alert', error: null });
});

describe.each(versions)('closing in %s', (version) => {
  test.skipIf(libuvHidesResets)(`a reset in the handshake is a reset (${needsResets})`, async () => {
    const server = await forge({ version, close: { how: 'rst', at: 'after_server_hello' } });
    expect((await nodeClientEvents(trusting(server.port))).events).toEqual([
      'error ECONNRESET read',
      'close',
    ]);
  });
});

test.each(versions)('a %s stall leaves the client waiting until it gives up', async (version) => {
  const server = await forge({ version, stall: 'after_server_hello' });
  const seen = await nodeClientEvents({ ...trusting(server.port), giveUp: server.acted });
  expect(seen.events).toEqual(['close']);
  expect(await server.report).toMatchObject({ did: 'stall', stage: 'after_server_hello', error: null });
});

test('what is not TLS is answered by an alert, never by an exception', async () => {
  for (const bytes of [
    'GET / HTTP/1.1\r\n\r\n',
    '\x16\x03\x01\xff\xff',
    '\x16\x03\x01\x00\x04\x02\x00\x00\x00',
  ]) {
    const server = await forge({ version: 'TLSv1.3' });
    const socket = net.connect(server.port, '127.0.0.1');
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.write(Buffer.from(bytes, 'latin1'));
    await once(socket, 'close');
    expect(Buffer.concat(received).toString('hex')).toMatch(/^15030300020[12]/);
    expect((await server.report).error).not.toBeNull();
  }
});

describe.skipIf(!openssl)('OpenSSL as the client (skipped without an openssl program)', () => {
  test.each(versions)('reports the alert number after its certificate, %s', async (version) => {
    const alert = { code: 48, at: 'after_client_certificate' } as const;
    const server = await forge({ version, requestClientCert: true, alert });
    const out = await sClient(server.port);
    expect(out).toContain('SSL alert number 48');
    expect(out).toMatch(/<<< TLS 1\.\d, Alert \[length 0002\], fatal unknown_ca/);
  });

  // Node cannot tell a truncation from an orderly end (both are `end`), OpenSSL can.
  test.each(versions)('sees close_notify or its absence, %s', async (version) => {
    for (const how of ['fin', 'fin_without_close_notify'] as const) {
      const response = Buffer.from('part');
      const server = await forge({ version, respond: () => response, close: { how, at: 'after_response' } });
      const out = await sClient(server.port);
      expect(out).toContain('part');
      expect(/<<< TLS 1\.\d, Alert \[length 0002\], warning close_notify/.test(out)).toBe(how === 'fin');
      expect(out.includes('unexpected eof')).toBe(how !== 'fin');
    }
  });
});

/** Everything that `openssl s_client -msg` printed. */
async function sClient(port: number): Promise<string> {
  const child = run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-msg', '-quiet']);
  child.child.stdin?.write('hi\n');
  const { stdout, stderr } = await child.catch((error: { stdout: string; stderr: string }) => error);
  return stdout + stderr;
}
