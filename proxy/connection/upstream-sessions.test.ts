import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import type { UpstreamConfig } from '../config/types.ts';
import {
  connectClient,
  createCleanup,
  fixtures,
  hasOpenssl,
  listenerTls,
  type OpenProxy,
  openProxy,
  upstreamTls,
} from './testing.ts';
import { createUpstreamSessions } from './upstream-sessions.ts';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

type Upstream = { port: number; resumed: boolean[]; restart(fixture: 'server_wrong_host'): void };

/** Node's own TLS server; it says of every connection whether it was resumed. */
async function openUpstream(options: TlsOptions = {}): Promise<Upstream> {
  const resumed: boolean[] = [];
  const server = createTlsServer({ ...fixtures.server, ALPNProtocols: ['http/1.1'], ...options }, (tls) => {
    resumed.push(tls.isSessionReused());
    tls.on('error', () => undefined);
    tls.once('data', () => tls.end(OK));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.add(() => server.close());
  const { port } = server.address() as { port: number };
  const restart: Upstream['restart'] = (fixture) => {
    server.setSecureContext({ ...fixtures[fixture], ...options, ticketKeys: randomBytes(48) });
  };
  return { port, resumed, restart };
}

function reusing(change: Partial<NonNullable<UpstreamConfig['tls']>> = {}) {
  return { upstreamTls: upstreamTls({ sessionReuse: true, ...change }) };
}

/** One exchange over a connection of its own; its `out` row. */
async function visit({ port, log }: OpenProxy, alpn = ['http/1.1']) {
  const before = log.rows.filter(({ event }) => event === 'close').length;
  const { tls } = await connectClient(cleanup, port, { ALPNProtocols: alpn });
  tls.resume();
  tls.end(GET);
  await once(tls, 'close');
  await log.closed(before + 1);
  return log.rows.findLast(({ kind, side }) => kind === 'tls' && side === 'out')!;
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('over %s', (version) => {
  const only = { minVersion: version, maxVersion: version };

  test('the second handshake is resumed, says so and claims no certificate', async () => {
    const upstream = await openUpstream(only);
    const proxy = await openProxy(cleanup, { upstreamPort: upstream.port, ...reusing() });
    expect(await visit(proxy)).toMatchObject({ resumed: false, peer_cert: { subject: 'CN=localhost' } });
    expect(await visit(proxy)).toMatchObject({ outcome: 'ok', resumed: true, peer_cert: null });
    expect(await visit(proxy)).toMatchObject({ outcome: 'ok', resumed: true, peer_cert: null });
    expect(upstream.resumed).toEqual([false, true, true]);
  });

  test('without the key every handshake is a full one', async () => {
    const upstream = await openUpstream(only);
    const proxy = await openProxy(cleanup, { upstreamPort: upstream.port });
    for (const _ of [1, 2]) expect(await visit(proxy)).toMatchObject({ resumed: false, peer_cert: {} });
    expect(upstream.resumed).toEqual([false, false]);
  });

  test('a session the upstream does not take falls back to a full handshake, which is verified', async () => {
    const upstream = await openUpstream(only);
    const proxy = await openProxy(cleanup, { upstreamPort: upstream.port, ...reusing() });
    await visit(proxy);
    // Other ticket keys and another certificate.
    upstream.restart('server_wrong_host');
    expect(await visit(proxy)).toMatchObject({ outcome: 'fail', cause: 'verify_hostname' });
    expect(await visit(proxy)).toMatchObject({ outcome: 'fail', cause: 'verify_hostname' });
  });

  test('a session of a handshake that was refused is never used', async () => {
    const upstream = await openUpstream({ ...only, ...fixtures.server_wrong_host });
    const proxy = await openProxy(cleanup, { upstreamPort: upstream.port, ...reusing() });
    for (const _ of [1, 2])
      expect(await visit(proxy)).toMatchObject({ cause: 'verify_hostname', resumed: false });
  });

  test('listeners share no session: one that verifies does not resume what another did not verify', async () => {
    const upstream = await openUpstream({ ...only, ...fixtures.server_wrong_host });
    const lenient = await openProxy(cleanup, { upstreamPort: upstream.port, ...reusing({ verify: false }) });
    await visit(lenient);
    expect(await visit(lenient)).toMatchObject({ outcome: 'ok', resumed: true });
    const strict = await openProxy(cleanup, { upstreamPort: upstream.port, ...reusing() });
    expect(await visit(strict)).toMatchObject({ outcome: 'fail', cause: 'verify_hostname', resumed: false });
  });

  test('other ALPN offers have a session of their own', async () => {
    const upstream = await openUpstream({ ...only, ALPNProtocols: ['http/1.1', 'h2'] });
    const proxy = await openProxy(cleanup, { upstreamPort: upstream.port, ...reusing() });
    await visit(proxy);
    expect(await visit(proxy, ['http/1.1', 'h2'])).toMatchObject({ resumed: false });
    expect(await visit(proxy)).toMatchObject({ resumed: true });
  });
});

test('a session is not offered once its certificate has expired', () => {
  const sessions = createUpstreamSessions();
  const session = { ticket: Buffer.from('t'), notAfterMs: 1000 };
  sessions.keep(['h2'], session);
  expect(sessions.offer(['h2'], 999)).toBe(session);
  expect(sessions.offer(['h2'], 1000)).toBeNull();
  expect(sessions.offer(['h2'], 999)).toBeNull();
});

test('no more sessions are kept than there is room for, the newest stay', () => {
  const sessions = createUpstreamSessions();
  for (let at = 0; at < 1000; at++)
    sessions.keep([`p${at}`], { ticket: Buffer.from([at & 255]), notAfterMs: 1 });
  const left = Array.from({ length: 1000 }, (_, at) => sessions.offer([`p${at}`], 0)).filter(Boolean);
  expect(left.length).toBe(16);
  expect(sessions.offer(['p999'], 0)).not.toBeNull();
  sessions.forget(['p999']);
  expect(sessions.offer(['p999'], 0)).toBeNull();
});

test.skipIf(!hasOpenssl)('openssl s_server says Reused of the second (skipped without openssl)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sessions-'));
  cleanup.add(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'cert'), fixtures.server.cert);
  writeFileSync(join(folder, 'key'), fixtures.server.key, { mode: 0o600 });
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port: upstreamPort } = free.address() as { port: number };
  free.close();
  await once(free, 'close');
  const server = spawn(
    'openssl',
    [
      's_server',
      '-accept',
      `127.0.0.1:${upstreamPort}`,
      '-cert',
      join(folder, 'cert'),
      '-key',
      join(folder, 'key'),
      '-www',
      '-alpn',
      'http/1.1',
      '-naccept',
      '2',
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  cleanup.add(() => server.kill());
  // Its first words may be about its parameters; only this one says that it listens.
  for await (const chunk of server.stdout.iterator({ destroyOnReturn: false })) {
    if (String(chunk).includes('ACCEPT')) break;
  }
  server.stdout.resume();
  const proxy = await openProxy(cleanup, { upstreamPort, tls: listenerTls(), ...reusing() });
  const pages: string[] = [];
  for (const _ of [1, 2]) {
    const { tls } = await connectClient(cleanup, proxy.port);
    let page = '';
    tls.on('data', (chunk: Buffer) => {
      page += chunk.toString();
    });
    tls.on('end', () => tls.end());
    tls.write('GET / HTTP/1.0\r\n\r\n');
    await once(tls, 'close');
    pages.push(page);
  }
  // Its status page names the session: "New, TLSv1.3, …", then "Reused, TLSv1.3, …".
  expect(pages[0]).toMatch(/^New, TLS/m);
  expect(pages[1]).toMatch(/^Reused, TLS/m);
});
