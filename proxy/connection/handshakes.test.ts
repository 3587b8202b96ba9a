import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import type { FixtureName } from '../../protos/certificates/fixtures.ts';
import {
  connectClient,
  connectTcp,
  createCleanup,
  fixtures,
  hasOpenssl,
  listenerTls,
  openProxy,
  openTcp,
  openTls,
  readAll,
  upstreamTls,
} from './testing.ts';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const versions = ['TLSv1.2', 'TLSv1.3'] as const;
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
/** An upstream that counts the application bytes it gets. */
async function countingUpstream(): Promise<{ port: number; bytes: () => number }> {
  let bytes = 0;
  const port = await openTls(cleanup, {}, (tls) => {
    tls.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      tls.write(OK);
    });
    tls.on('end', () => tls.end());
  });
  return { port, bytes: () => bytes };
}

describe.each(versions)('client certificates over %s', (version) => {
  const only = { minVersion: version, maxVersion: version };
  const mutual = (): { tls: ReturnType<typeof listenerTls> } => ({
    tls: listenerTls({ requireClientCert: true, clientCa: Buffer.from(fixtures.ca.cert) }),
  });

  test.each<[FixtureName | null, string, string, string | null]>([
    [null, 'no_client_cert', 'tls_error', null],
    ['bad_client', 'cert_unknown_ca', 'cert_verify_failed', 'unknown_ca'],
    ['client_expired', 'cert_expired', 'cert_verify_failed', 'expired'],
    ['client_not_yet_valid', 'cert_not_yet_valid', 'cert_verify_failed', 'not_yet_valid'],
    ['client_wrong_eku', 'cert_wrong_eku', 'cert_verify_failed', 'wrong_eku'],
  ])('%s: %s', async (name, cause, reason, category) => {
    const upstream = await countingUpstream();
    const { port, log } = await openProxy(cleanup, { upstreamPort: upstream.port, ...mutual() });
    const raw = await connectTcp(cleanup, port);
    const tls = connectTls({
      socket: raw,
      ca: fixtures.ca.cert,
      servername: 'localhost',
      ...only,
      ...(name === null ? {} : fixtures[name]),
    });
    const answer = readAll(tls);
    tls.write(GET);
    expect((await answer).bytes.length).toBe(0);
    const [close] = await log.closed();
    expect(close).toMatchObject({
      close_reason: 'tls_in_fail',
      cause,
      term: 'TR',
      closed_by: 'proxy',
      flags: ['client_tls_fail'],
    });
    expect(log.rows.find((row) => row.side === 'in')).toMatchObject({
      outcome: 'fail',
      reason,
      category,
      cause,
      late: false,
    });
    expect(upstream.bytes()).toBe(0);
  });

  test('a good one', async () => {
    const upstream = await countingUpstream();
    const { port, log } = await openProxy(cleanup, { upstreamPort: upstream.port, ...mutual() });
    const { tls } = await connectClient(cleanup, port, { ...only, ...fixtures.client });
    tls.write(GET);
    await once(tls, 'data');
    tls.end();
    expect((await log.closed())[0]).toMatchObject({ cause: 'graceful' });
    expect(log.rows.find((row) => row.side === 'in')).toMatchObject({
      outcome: 'ok',
      peer_cert: { subject: 'CN=client' },
    });
  });

  test.each<[FixtureName, string, string]>([
    ['server_expired', 'verify_expired', 'expired'],
    ['server_not_yet_valid', 'verify_not_yet_valid', 'not_yet_valid'],
    ['server_untrusted', 'verify_unknown_ca', 'unknown_ca'],
    ['server_self_signed', 'verify_unknown_ca', 'unknown_ca'],
    ['server_wrong_eku', 'verify_eku', 'wrong_eku'],
    ['server_wrong_host', 'verify_hostname', 'hostname'],
  ])('an upstream with %s: %s, and 502 without TLS detail', async (name, cause, category) => {
    let bytes = 0;
    const upstreamPort = await openTls(cleanup, { ...fixtures[name], ...only }, (tls) => {
      tls.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
    });
    const { port, log } = await openProxy(cleanup, { upstreamPort });
    const { tls } = await connectClient(cleanup, port, only);
    const answer = readAll(tls);
    tls.write(GET);
    const text = (await answer).bytes.toString();
    tls.end();
    expect(text).toMatch(
      /^HTTP\/1\.1 502 Bad Gateway\r\nProxy-Status: wiretracer; error=connection_terminated\r\n/,
    );
    expect(text).not.toMatch(/cert|tls|expired/i);
    expect((await log.closed())[0]).toMatchObject({
      close_reason: 'upstream_connect_fail',
      cause,
      term: 'tC',
      closed_by: 'proxy',
    });
    expect(log.rows.find((row) => row.side === 'out')).toMatchObject({
      outcome: 'fail',
      reason: 'cert_verify_failed',
      category,
      cause,
      peer_cert: { fingerprint256: expect.any(String) },
    });
    expect(bytes).toBe(0);
  });

  test.runIf(hasOpenssl)(
    'a real alert of openssl s_client that does not trust us (needs openssl)',
    async () => {
      const upstream = await countingUpstream();
      const { port, log } = await openProxy(cleanup, { upstreamPort: upstream.port });
      const flag = version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3';
      execFile('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-verify_return_error', flag]).on(
        'error',
        () => undefined,
      );
      expect((await log.closed())[0]).toMatchObject({
        closed_by: 'client',
        close_reason: 'tls_in_fail',
        cause: 'client_alert:unknown_ca',
      });
      expect(log.rows.find((row) => row.side === 'in')).toMatchObject({
        alert: { direction: 'received', number: 48, name: 'unknown_ca' },
      });
    },
  );

  test.runIf(hasOpenssl).each<[FixtureName | null, string]>([
    [null, version === 'TLSv1.2' ? 'handshake_failure' : 'certificate_required'],
    ['bad_client', 'unknown_ca'],
    ['client_expired', 'certificate_expired'],
  ])('openssl s_server refuses our certificate %s (needs openssl): %s', async (name, alert) => {
    const upstreamPort = await opensslServer(version);
    const own =
      name === null
        ? {}
        : { clientCert: Buffer.from(fixtures[name].cert), clientKey: Buffer.from(fixtures[name].key) };
    const { port, log } = await openProxy(cleanup, {
      upstreamPort,
      upstreamTls: upstreamTls({ alpn: [], ...own }),
    });
    const raw = await connectTcp(cleanup, port);
    const tls = connectTls({ socket: raw, ca: fixtures.ca.cert, servername: 'localhost' });
    tls.on('error', () => undefined);
    tls.resume();
    tls.write(GET);
    tls.once('end', () => tls.end());
    const late = version === 'TLSv1.3';
    expect((await log.closed())[0]).toMatchObject(
      late
        ? {
            closed_by: 'upstream',
            close_reason: 'upstream_protocol_error',
            cause: 'client_cert_rejected',
            term: 'tC',
          }
        : {
            closed_by: 'upstream',
            close_reason: 'upstream_connect_fail',
            cause: name === null ? `server_alert:${alert}` : 'client_cert_rejected',
            term: 'tC',
          },
    );
    expect(log.rows.find((row) => row.side === 'out' && row.outcome === 'fail')).toMatchObject({
      late,
      peer_cert: late ? null : { subject: 'CN=localhost' },
      alert: { direction: 'received', name: alert },
    });
  });
});

async function opensslServer(version: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'wiretracer-'));
  cleanup.add(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const server = execFile(
    'openssl',
    [
      's_server',
      '-accept',
      '127.0.0.1:0',
      '-quiet',
      version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3',
      '-cert',
      file('c.pem', fixtures.server.cert),
      '-key',
      file('k.pem', fixtures.server.key),
      '-CAfile',
      file('ca.pem', fixtures.ca.cert),
      '-Verify',
      '2',
      '-verify_return_error',
    ].filter((word) => word !== '-quiet'),
  );
  cleanup.add(() => server.kill());
  let text = '';
  for await (const chunk of server.stdout!) {
    text += chunk;
    const match = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(text);
    if (match !== null) return Number(match[1]);
  }
  throw new Error(`openssl s_server said: ${text}`);
}

describe('handshakes with the client that fail', () => {
  const cases: [string, (raw: import('node:net').Socket) => void, object][] = [
    ['plaintext HTTP', (raw) => raw.write(GET), { cause: 'http_request', closed_by: 'proxy' }],
    ['garbage', (raw) => raw.write(Buffer.alloc(64, 0x41)), { cause: 'not_tls', closed_by: 'proxy' }],
    [
      'FIN before a byte',
      (raw) => raw.end(),
      { cause: 'client_eof', closed_by: 'client', client_end: 'fin' },
    ],
    [
      'FIN in the hello',
      (raw) => raw.end(Buffer.from('1603010200010001fc', 'hex')),
      { cause: 'client_eof', closed_by: 'client' },
    ],
    [
      'RST',
      (raw) => raw.resetAndDestroy(),
      { cause: 'client_reset', closed_by: 'client', client_end: 'rst' },
    ],
    ['silence', () => undefined, { cause: 'timeout', closed_by: 'proxy', client_end: null }],
  ];
  test.each(cases)('%s', async (_, act, expected) => {
    const upstream = await countingUpstream();
    const { port, log } = await openProxy(cleanup, {
      upstreamPort: upstream.port,
      proxyProtocol: { mode: 'off' },
      policy: { tlsHandshakeTimeoutMs: 150 },
    });
    act(await connectTcp(cleanup, port));
    expect((await log.closed())[0]).toMatchObject({ close_reason: 'tls_in_fail', term: 'TR', ...expected });
    expect(log.rows.filter((row) => row.kind === 'tls')).toHaveLength(1);
  });

  test('no ALPN in common: alert 120, no upstream', async () => {
    const { port, log } = await openProxy(cleanup, { upstreamPort: 1 });
    const tls = connectTls({
      socket: await connectTcp(cleanup, port),
      ALPNProtocols: ['foo'],
      rejectUnauthorized: false,
    });
    const [error] = await once(tls, 'error');
    expect(error.code).toMatch(/NO_APPLICATION_PROTOCOL/);
    expect((await log.closed())[0]).toMatchObject({ cause: 'no_alpn', closed_by: 'proxy' });
    expect(log.rows.find((row) => row.kind === 'tls')).toMatchObject({
      alert: { direction: 'sent', number: 120 },
    });
  });

  test('a hello in single bytes, with its fingerprint', async () => {
    const upstream = await countingUpstream();
    const { port, log } = await openProxy(cleanup, { upstreamPort: upstream.port });
    const front = await openTcp(cleanup, async (socket) => {
      const onward = await connectTcp(cleanup, port);
      socket.on('data', (chunk) => {
        for (const byte of chunk) onward.write(Buffer.from([byte]));
      });
      onward.pipe(socket);
    });
    const { tls } = await connectClient(cleanup, front);
    tls.write(GET);
    await once(tls, 'data');
    tls.destroy();
    expect(log.rows.find((row) => row.side === 'in')).toMatchObject({
      outcome: 'ok',
      tls: { sni: 'localhost', alpn: 'http/1.1' },
      fingerprints: { ja4: expect.stringMatching(/^t13d/), sni_ch: 'localhost' },
    });
  });

  test('a request in one segment with the Finished', async () => {
    const upstream = await countingUpstream();
    const { port, log } = await openProxy(cleanup, { upstreamPort: upstream.port });
    const front = await openTcp(cleanup, async (socket) => {
      const onward = await connectTcp(cleanup, port);
      onward.pipe(socket);
      socket.once('data', (hello: Buffer) => {
        onward.write(hello);
        let held = Buffer.alloc(0);
        // CCS and Finished are 80 bytes at most: more means that the request is there too.
        socket.on('data', (chunk: Buffer) => {
          held = Buffer.concat([held, chunk]);
          if (held.length > 80 + GET.length) onward.write(held);
        });
      });
    });
    const { tls } = await connectClient(cleanup, front, { minVersion: 'TLSv1.3' });
    tls.write(GET);
    expect(String((await once(tls, 'data'))[0])).toBe(OK);
    expect(upstream.bytes()).toBe(GET.length);
    tls.destroy();
    expect(log.rows.find((row) => row.side === 'in')).toMatchObject({ outcome: 'ok' });
  });

  test('a whole hello, then FIN', async () => {
    const upstream = await countingUpstream();
    const { port, log } = await openProxy(cleanup, { upstreamPort: upstream.port });
    const front = await openTcp(cleanup, async (socket) => {
      const onward = await connectTcp(cleanup, port);
      socket.once('data', (hello: Buffer) => onward.end(hello));
    });
    connectTls({ socket: await connectTcp(cleanup, front), rejectUnauthorized: false }).on(
      'error',
      () => undefined,
    );
    expect((await log.closed())[0]).toMatchObject({
      close_reason: 'tls_in_fail',
      cause: 'client_eof',
      closed_by: 'client',
    });
    expect(log.rows.find((row) => row.side === 'in')).toMatchObject({
      fingerprints: { ja4: expect.any(String) },
    });
  });
});

describe('behind the handshake with a client', () => {
  test.each(versions)(
    '%s: a record that does not authenticate is its fault, in a row of its own',
    async (version) => {
      const upstreamPort = await openTls(cleanup, {}, (tls) => void tls.resume());
      const { port, log } = await openProxy(cleanup, { upstreamPort });
      const client = await connectClient(cleanup, port, { minVersion: version, maxVersion: version });
      // Its ticket says that the proxy has read the Finished, which leaves only now under TLS 1.3.
      if (version === 'TLSv1.3') await once(client.tls, 'session');
      const record = Buffer.alloc(5 + 64);
      record.writeUInt32BE(0x17030300);
      record.writeUInt8(64, 4);
      client.raw.write(record);
      const [close] = await log.closed();
      expect(close).toMatchObject({
        closed_by: 'client',
        close_reason: 'client_protocol_error',
        cause: 'bad_record_mac',
      });
      expect(log.rows.filter((row) => row.kind === 'tls' && row.side === 'in')).toMatchObject([
        { outcome: 'ok', late: false },
        {
          outcome: 'fail',
          late: true,
          reason: 'tls_error',
          cause: 'bad_record_mac',
          alert: { direction: 'sent', number: 20 },
        },
      ]);
    },
  );
});
