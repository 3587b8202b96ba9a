import dns from 'node:dns';
import { once } from 'node:events';
import { connect as connectH2 } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { Client, credentials, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type ConfigChange,
  connectClient,
  createCleanup,
  fixtures,
  openProxy,
  openTcp,
  readAll,
  upstreamTls,
} from './testing.ts';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const GET = 'GET /r?tid=t HTTP/1.1\r\nHost: a\r\n\r\n';
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('an upstream that cannot be reached', () => {
  test.each<[string, Partial<ConfigChange>, number, string, string, string]>([
    ['refused', {}, 502, 'connection_refused', 'connection_refused', 'SC'],
    [
      'no route',
      { upstreamHost: '255.255.255.255' },
      502,
      'destination_ip_unroutable',
      'destination_ip_unroutable',
      'SC',
    ],
    ['a name that does not resolve', { upstreamHost: 'nope.invalid' }, 502, 'dns_error', 'dns_error', 'SC'],
  ])('%s', async (_, change, code, proxyError, cause, term) => {
    const { port, log } = await openProxy(cleanup, { upstreamPort: await freePort(), ...change });
    const { tls } = await connectClient(cleanup, port);
    const answer = readAll(tls);
    tls.write(GET);
    expect((await answer).bytes.toString()).toMatch(
      new RegExp(`^HTTP/1.1 ${code} .*\r\nProxy-Status: wiretracer; error=${proxyError}\r\n`),
    );
    tls.end();
    expect((await log.closed())[0]).toMatchObject({
      closed_by: 'proxy',
      close_reason: 'upstream_connect_fail',
      flags: ['upstream_connect_fail'],
      cause,
      term,
      tid: 't',
      upstream_local: null,
    });
    expect(log.rows.find((row) => row.side === 'out')).toBeUndefined();
    expect(log.rows.find((row) => row.kind === 'event')).toMatchObject({
      response: { status: code },
      local_reply: true,
    });
  });

  /** What the resolver says in place of the system's. */
  const resolve = (answer: NodeJS.ErrnoException | dns.LookupAddress[]) => {
    const spy = vi.spyOn(dns, 'lookup').mockImplementation(((_name: string, ...rest: unknown[]) => {
      const done = rest.at(-1) as (error: Error | null, addresses?: dns.LookupAddress[]) => void;
      process.nextTick(() => (answer instanceof Error ? done(answer) : done(null, answer)));
    }) as unknown as typeof dns.lookup);
    cleanup.add(() => spy.mockRestore());
  };

  test('a resolver that cannot answer now is a DNS error', async () => {
    const { port, log } = await openProxy(cleanup, { upstreamPort: 1, upstreamHost: 'upstream.test' });
    resolve(Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN', syscall: 'getaddrinfo' }));
    const { tls } = await connectClient(cleanup, port);
    const answer = readAll(tls);
    tls.write(GET);
    expect((await answer).bytes.toString()).toContain('Proxy-Status: wiretracer; error=dns_error');
    tls.end();
    expect((await log.closed())[0]).toMatchObject({
      cause: 'dns_error',
      error: expect.stringContaining('EAI_AGAIN'),
      upstream_local: null,
    });
  });

  test('an address that refuses is passed over for the next one of the same name', async () => {
    const upstreamPort = await openTcp(cleanup, (socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 204 No Content\r\n\r\n')),
    );
    const { port, log } = await openProxy(cleanup, {
      upstreamPort,
      upstreamHost: 'upstream.test',
      upstreamTls: null,
    });
    resolve([
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ]);
    const { tls } = await connectClient(cleanup, port);
    tls.write(GET);
    expect(String(await once(tls, 'data'))).toContain('204 No Content');
    tls.end();
    expect((await log.closed())[0]).toMatchObject({
      upstream_local: expect.stringMatching(/^127\.0\.0\.1:/),
    });
  });

  test('HTTP/2 is answered on its stream', async () => {
    const { port, log } = await openProxy(cleanup, { upstreamPort: await freePort() });
    const session = connectH2(`https://localhost:${port}`, { ca: fixtures.ca.cert });
    const stream = session.request({ ':path': '/two?tid=h' });
    const [headers] = await once(stream, 'response');
    expect(headers).toMatchObject({ ':status': 502, 'proxy-status': 'wiretracer; error=connection_refused' });
    session.close();
    expect((await log.closed())[0]).toMatchObject({ cause: 'connection_refused', protocol: 'h2', tid: 'h' });
    expect(log.rows.find((row) => row.kind === 'event')).toMatchObject({
      response: { status: 502 },
      local_reply: true,
    });
  });

  test('gRPC gets UNAVAILABLE', async () => {
    const { port, log } = await openProxy(cleanup, { upstreamPort: await freePort() });
    const client = new Client(`localhost:${port}`, credentials.createSsl(Buffer.from(fixtures.ca.cert)));
    cleanup.add(() => client.close());
    const error = await new Promise<{ code?: number; details?: string } | null>((resolve) => {
      const same = (value: Buffer): Buffer => value;
      client.makeUnaryRequest(
        '/a.B/C',
        same,
        same,
        Buffer.from('x'),
        { deadline: Date.now() + 10_000 },
        resolve,
      );
    });
    expect(error).toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining('upstream unavailable'),
    });
    client.close();
    await log.closed();
    expect(log.rows.find((row) => row.kind === 'event')).toMatchObject({
      grpc_status: 14,
      trailers_only: true,
      local_reply: true,
    });
  });

  test('an upstream that speaks HTTP/1.1 only tells an HTTP/2 client to come back so', async () => {
    const { port, log } = await openProxy(cleanup, {
      upstreamPort: 1,
      upstreamTls: upstreamTls({ alpn: ['http/1.1'] }),
    });
    const session = connectH2(`https://localhost:${port}`, { ca: fixtures.ca.cert });
    session.on('error', () => undefined);
    const stream = session.request({ ':path': '/' });
    stream.on('error', () => undefined);
    const [code] = await once(session, 'goaway');
    expect(code).toBe(13);
    expect((await log.closed())[0]).toMatchObject({ cause: 'alpn_mismatch', term: 'tC', closed_by: 'proxy' });
  });

  test('one that does not answer the TLS handshake', async () => {
    const upstreamPort = await openTcp(cleanup, (socket) => socket.resume());
    const { port, log } = await openProxy(cleanup, {
      upstreamPort,
      policy: { upstreamHandshakeTimeoutMs: 100 },
    });
    const { tls } = await connectClient(cleanup, port);
    const answer = readAll(tls);
    tls.write(GET);
    expect((await answer).bytes.toString()).toMatch(/^HTTP\/1\.1 504 /);
    tls.end();
    expect((await log.closed())[0]).toMatchObject({ cause: 'timeout', term: 'tC' });
    expect(log.rows.find((row) => row.side === 'out')).toMatchObject({
      outcome: 'fail',
      reason: 'upstream_handshake_timeout',
    });
  });

  test.each<[string, (socket: Socket) => void, string]>([
    ['FIN', (socket) => socket.once('data', () => socket.end()), 'connection_terminated'],
    ['RST', (socket) => socket.once('data', () => socket.resetAndDestroy()), 'connection_terminated'],
    ['plaintext', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'upstream_not_tls'],
    [
      'alert',
      (socket) => socket.once('data', () => socket.end(Buffer.from('15030300020228', 'hex'))),
      'server_alert:handshake_failure',
    ],
    [
      'no ALPN',
      (socket) => socket.once('data', () => socket.end(Buffer.from('15030300020278', 'hex'))),
      'alpn_mismatch',
    ],
  ])('%s instead of a ServerHello', async (_, act, cause) => {
    const { port, log } = await openProxy(cleanup, { upstreamPort: await openTcp(cleanup, act) });
    const { tls } = await connectClient(cleanup, port);
    const answer = readAll(tls);
    tls.write(GET);
    expect((await answer).bytes.toString()).toMatch(/^HTTP\/1\.1 502 /);
    tls.end();
    expect((await log.closed())[0]).toMatchObject({
      close_reason: 'upstream_connect_fail',
      cause,
      term: 'tC',
    });
    expect(log.rows.find((row) => row.side === 'out')).toMatchObject({ outcome: 'fail', cause });
  });
});
