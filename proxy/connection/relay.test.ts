import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectH2, createSecureServer } from 'node:http2';
import { createServer as createHttp, type RequestOptions, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DecodingRest } from './decoding-rest.ts';
import { connectClient, createCleanup, fixtures, openProxy, openTls, readAll } from './testing.ts';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const GET = 'GET /a?tid=t1 HTTP/1.1\r\nHost: localhost\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const versions = ['TLSv1.2', 'TLSv1.3'] as const;

test('HTTP/1.1 of Node through TLS on both sides', async () => {
  const server = createHttp(fixtures.server, (_, response) => response.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.add(() => server.close());
  const { port, log } = await openProxy(cleanup, { upstreamPort: (server.address() as AddressInfo).port });
  const options: RequestOptions & { ALPNProtocols: string[] } = {
    port,
    host: '127.0.0.1',
    path: '/x?tid=a',
    ca: fixtures.ca.cert,
    servername: 'localhost',
    agent: false,
    ALPNProtocols: ['http/1.1'],
  };
  const sent = request(options);
  sent.end();
  const [response] = await once(sent, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  expect(body).toBe('hello');
  const [close] = await log.closed();
  expect(close).toMatchObject({
    cause: 'graceful',
    term: '--',
    tid: 'a',
    path: '/x?tid=a',
    protocol: 'http/1.1',
  });
  expect(log.rows.map((row) => `${row.kind} ${row.event ?? row.side ?? ''}`)).toEqual([
    'conn open',
    'tls out',
    'tls in',
    'event ',
    'conn close',
  ]);
});

test('HTTP/2 of Node through TLS on both sides', async () => {
  const server = createSecureServer(fixtures.server);
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200 });
    stream.end('hello');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.add(() => server.close());
  const { port, log } = await openProxy(cleanup, { upstreamPort: (server.address() as AddressInfo).port });
  const session = connectH2(`https://localhost:${port}`, { ca: fixtures.ca.cert });
  const stream = session.request({ ':path': '/two?tid=b' });
  let body = '';
  for await (const chunk of stream) body += chunk;
  expect(body).toBe('hello');
  session.close();
  const [close] = await log.closed();
  expect(close).toMatchObject({ cause: 'graceful', term: '--', protocol: 'h2', tid: 'b' });
});

describe.each(versions)('%s', (version) => {
  const only = { minVersion: version, maxVersion: version };

  test('a FIN of the client after the answer', async () => {
    const upstreamPort = await openTls(cleanup, only, (tls) => {
      tls.on('data', () => tls.write(OK));
      tls.on('end', () => tls.end());
    });
    const { port, log } = await openProxy(cleanup, { upstreamPort });
    const { tls } = await connectClient(cleanup, port, only);
    tls.write(GET);
    await once(tls, 'data');
    tls.end();
    const [close] = await log.closed();
    expect(close).toMatchObject({
      closed_by: 'client',
      close_reason: 'client_fin',
      cause: 'graceful',
      flags: ['client_fin', 'upstream_fin'],
      client_end: 'fin',
      upstream_end: 'fin',
      client_close_notify: true,
      upstream_close_notify: true,
      bytes_in: GET.length,
      bytes_out: OK.length,
    });
  });

  test('a FIN of the client without close_notify', async () => {
    const upstreamPort = await openTls(cleanup, only, (tls) => {
      tls.on('data', () => tls.write(OK));
      tls.on('end', () => tls.end());
    });
    const { port, log } = await openProxy(cleanup, { upstreamPort });
    const { tls, raw } = await connectClient(cleanup, port, only);
    tls.write(GET);
    await once(tls, 'data');
    raw.end();
    const [close] = await log.closed();
    expect(close).toMatchObject({
      close_reason: 'client_fin',
      cause: 'graceful',
      client_close_notify: false,
    });
  });

  test('an RST of the upstream while it owes the answer', async () => {
    const upstreamPort = await openTls(cleanup, only, (tls, raw) => {
      tls.on('data', () => raw.resetAndDestroy());
    });
    const { port, log } = await openProxy(cleanup, { upstreamPort });
    const { tls } = await connectClient(cleanup, port, only);
    const answer = readAll(tls);
    tls.write(GET);
    expect((await answer).error?.code).toBe('ECONNRESET');
    const [close] = await log.closed();
    expect(close).toMatchObject({
      closed_by: 'upstream',
      close_reason: 'upstream_rst',
      cause: 'reset',
      term: 'SH',
      upstream_end: 'rst',
      client_end: null,
    });
  });

  test('an RST of the upstream after half a body: the half arrives first', async () => {
    const upstreamPort = await openTls(cleanup, only, (tls, raw) => {
      tls.on('data', () =>
        tls.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', () => raw.resetAndDestroy()),
      );
    });
    const { port, log } = await openProxy(cleanup, { upstreamPort });
    const { tls } = await connectClient(cleanup, port, only);
    const answer = readAll(tls);
    tls.write(GET);
    const { bytes, error } = await answer;
    expect(bytes.toString()).toMatch(/half$/);
    expect(error?.code).toBe('ECONNRESET');
    const [close] = await log.closed();
    expect(close).toMatchObject({ close_reason: 'upstream_rst', cause: 'reset', term: 'SD' });
  });

  test('an RST of the client while the answer is awaited', async () => {
    let ended: Promise<unknown> | null = null;
    const asked = Promise.withResolvers<void>();
    const upstreamPort = await openTls(cleanup, only, (tls) => {
      ended = readAll(tls);
      tls.on('data', () => asked.resolve());
    });
    const { port, log } = await openProxy(cleanup, { upstreamPort });
    const { tls, raw } = await connectClient(cleanup, port, only);
    tls.write(GET);
    await asked.promise;
    raw.resetAndDestroy();
    const [close] = await log.closed();
    expect(close).toMatchObject({
      closed_by: 'client',
      close_reason: 'client_rst',
      cause: 'client_gone',
      term: 'CH',
      client_end: 'rst',
    });
    expect(await ended).toMatchObject({ error: { code: 'ECONNRESET' } });
  });

  test('a FIN of the upstream before it answers', async () => {
    const upstreamPort = await openTls(cleanup, only, (tls) => {
      tls.on('data', () => tls.end());
    });
    const { port, log } = await openProxy(cleanup, { upstreamPort });
    const { tls } = await connectClient(cleanup, port, only);
    const answer = readAll(tls);
    tls.write(GET);
    expect(await answer).toEqual({ bytes: Buffer.alloc(0), error: null });
    tls.end();
    const [close] = await log.closed();
    expect(close).toMatchObject({
      closed_by: 'upstream',
      close_reason: 'upstream_fin',
      cause: 'eof_before_headers',
      term: 'SH',
    });
  });

  test('a body cut by a FIN', async () => {
    const upstreamPort = await openTls(cleanup, only, (tls) => {
      tls.on('data', () => tls.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'));
    });
    const { port, log } = await openProxy(cleanup, { upstreamPort });
    const { tls } = await connectClient(cleanup, port, only);
    const answer = readAll(tls);
    tls.write(GET);
    await answer;
    tls.end();
    const [close] = await log.closed();
    expect(close).toMatchObject({
      close_reason: 'upstream_fin',
      cause: 'truncated',
      term: 'SD',
      upstream_close_notify: true,
    });
  });

  test.each([
    ['with', 'graceful'],
    ['without', 'tls_truncated'],
  ])('a body delimited by the end, %s close_notify: %s', async (notify, cause) => {
    const upstreamPort = await openTls(cleanup, only, (tls, raw) => {
      tls.on('data', () => {
        tls.write('HTTP/1.1 200 OK\r\n\r\nbody', () => (notify === 'with' ? tls.end() : raw.end()));
      });
    });
    const { port, log } = await openProxy(cleanup, { upstreamPort });
    const { tls } = await connectClient(cleanup, port, only);
    const answer = readAll(tls);
    tls.write(GET);
    expect((await answer).bytes.toString()).toMatch(/body$/);
    tls.end();
    const [close] = await log.closed();
    expect(close).toMatchObject({
      close_reason: 'upstream_fin',
      cause,
      upstream_close_notify: notify === 'with',
    });
  });

  test('a half-closed client still gets its whole answer', async () => {
    const upstreamPort = await openTls(cleanup, only, (tls) => {
      tls.resume();
      tls.on('end', () => tls.end(OK));
    });
    const { port, log } = await openProxy(cleanup, { upstreamPort });
    const { tls } = await connectClient(cleanup, port, only);
    const answer = readAll(tls);
    tls.end(GET);
    expect((await answer).bytes.toString()).toBe(OK);
    const [close] = await log.closed();
    expect(close).toMatchObject({
      closed_by: 'client',
      close_reason: 'client_fin',
      cause: 'graceful',
      term: '--',
    });
  });

  test('8 MiB both ways, the reader slow: equal', async () => {
    const body = randomBytes(8 << 20);
    const digest = createHash('sha256').update(body).digest('hex');
    const upstreamPort = await openTls(cleanup, only, (tls) => {
      tls.pipe(tls);
    });
    const { port, log } = await openProxy(cleanup, { upstreamPort });
    const { tls } = await connectClient(cleanup, port, only);
    const hash = createHash('sha256');
    tls.end(body);
    // One chunk per turn of the event loop: slower than the proxy reads.
    for await (const chunk of tls) {
      hash.update(chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(hash.digest('hex')).toBe(digest);
    const [close] = await log.closed();
    expect(close).toMatchObject({
      bytes_in: body.length,
      bytes_out: body.length,
      client_end: 'fin',
      upstream_end: 'fin',
    });
  });
});

test('a direction that rests after every chunk goes on, and carries all of it to the end', async () => {
  let clockMs = performance.now();
  // A clock by which every look at it is three milliseconds after the one before: decoding is always too slow.
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (clockMs += 3));
  const rests = vi.spyOn(DecodingRest.prototype, 'take');
  cleanup.add(() => vi.restoreAllMocks());
  const body = randomBytes(2 << 20);
  const upstreamPort = await openTls(cleanup, {}, (tls) => {
    tls.pipe(tls);
  });
  const { port } = await openProxy(cleanup, { upstreamPort });
  const { tls } = await connectClient(cleanup, port);
  tls.end(body);
  const { bytes } = await readAll(tls);
  clock.mockRestore();
  expect(bytes.equals(body)).toBe(true);
  expect(rests.mock.calls.length).toBeGreaterThan((2 * body.length) / 65_536 - 1);
});

test('one side closing while the other resets never takes the process down', async () => {
  const upstreamPort = await openTls(cleanup, {}, (tls, raw) => {
    tls.on('data', () => setImmediate(() => raw.resetAndDestroy()));
  });
  const { port, log } = await openProxy(cleanup, { upstreamPort });
  const count = 60;
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const { tls, raw } = await connectClient(cleanup, port);
      tls.write(GET);
      if (index % 3 === 0) tls.end();
      else if (index % 3 === 1) raw.end();
      else setImmediate(() => raw.resetAndDestroy());
      await readAll(tls);
    }),
  );
  expect(await log.closed(count)).toHaveLength(count);
});
