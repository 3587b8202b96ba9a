import { once } from 'node:events';
import { connect as connectH2, createSecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type ConfigChange,
  connectClient,
  connectTcp,
  createCleanup,
  fixtures,
  listenerTls,
  type OpenProxy,
  openProxy,
  openTcp,
  openTls,
  readAll,
} from './testing.ts';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const GET = 'GET /r?tid=t HTTP/1.1\r\nHost: a\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

function echo(): Promise<number> {
  return openTcp(cleanup, (socket) => {
    socket.pipe(socket);
  });
}

/** A plaintext listener before a plaintext upstream. */
function plain(upstreamPort: number, change: Partial<ConfigChange> = {}): Promise<OpenProxy> {
  return openProxy(cleanup, { upstreamPort, tls: null, upstreamTls: null, ...change });
}

describe('accepting', () => {
  test('a peer outside the allowlist is reset', async () => {
    const { port, log } = await plain(1, { policy: { allowlist: ['10.0.0.0/8'] } });
    const [error] = await once(connect(port, '127.0.0.1'), 'error');
    expect(error.code).toBe('ECONNRESET');
    await log.closed();
    expect(log.rows).toMatchObject([
      { event: 'close', close_reason: 'allowlist_denied', cause: 'allowlist_denied', term: 'PR' },
    ]);
  });

  test('a connection waits for a slot, first come first served', async () => {
    const { port, log } = await plain(await echo(), { policy: { maxConnections: 1 } });
    const first = await connectTcp(cleanup, port);
    first.write('1');
    await once(first, 'data');
    const second = await connectTcp(cleanup, port);
    second.write('2');
    first.end();
    expect(String((await once(second, 'data'))[0])).toBe('2');
    second.end();
    await log.closed(2);
    expect(log.rows.filter((row) => row.event === 'wait')).toMatchObject([
      { close_reason: expect.stringMatching(/^\d+ms$/) },
    ]);
  });

  test('and is given up when none comes free', async () => {
    const { port, log } = await plain(await echo(), {
      policy: { maxConnections: 1, maxconnWaitTimeoutMs: 50 },
    });
    const first = await connectTcp(cleanup, port);
    first.write('1');
    await once(first, 'data');
    await readAll(await connectTcp(cleanup, port));
    expect((await log.closed())[0]).toMatchObject({
      close_reason: 'maxconn_timeout',
      cause: 'connection_limit_reached',
      term: 'PQ',
    });
  });
});

describe('PROXY headers', () => {
  const v1 = Buffer.from('PROXY TCP4 203.0.113.10 192.0.2.10 54321 443\r\n');
  const v2 = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb00710ac000020ad43101bb', 'hex');

  test.each([
    ['v1', 'whole'],
    ['v1', 'split'],
    ['v2', 'whole'],
    ['v2', 'split'],
  ])('%s %s is replayed byte for byte', async (version, how) => {
    const header = version === 'v1' ? v1 : v2;
    const { port, log } = await plain(await echo());
    const raw = await connectTcp(cleanup, port);
    const answer = readAll(raw);
    const all = Buffer.concat([header, Buffer.from('payload')]);
    if (how === 'whole') raw.write(all);
    else for (const byte of all) raw.write(Buffer.from([byte]));
    raw.end();
    expect((await answer).bytes).toEqual(all);
    expect((await log.closed())[0]).toMatchObject({
      proxy_version: version,
      proxy_src: '203.0.113.10:54321',
      proxy_dst: '192.0.2.10:443',
      client_ip: '203.0.113.10',
      client_port: 54321,
      bytes_in: 7,
    });
  });

  test('before TLS, in one segment with the ClientHello', async () => {
    const upstreamPort = await openTcp(cleanup, (socket) => {
      socket.once('data', (chunk) => {
        expect(chunk.subarray(0, v2.length)).toEqual(v2);
        socket.destroy();
      });
    });
    const { port, log } = await openProxy(cleanup, { upstreamPort });
    const front = await openTcp(cleanup, async (socket) => {
      const onward = await connectTcp(cleanup, port);
      socket.once('data', (chunk) => {
        onward.write(Buffer.concat([v2, chunk]));
        socket.pipe(onward);
      });
      onward.pipe(socket);
    });
    const { tls } = await connectClient(cleanup, front);
    tls.write(GET);
    await readAll(tls);
    tls.end();
    expect((await log.closed())[0]).toMatchObject({
      proxy_version: 'v2',
      client_ip: '203.0.113.10',
      cause: 'connection_terminated',
    });
  });

  test.each<[string, 'auto' | 'required', (raw: Socket) => void, object]>([
    [
      'malformed',
      'auto',
      (raw) => raw.write('PROXY TCP4 nonsense\r\n'),
      { cause: 'proxy_bad_v1', closed_by: 'proxy' },
    ],
    ['missing', 'required', (raw) => raw.write(GET), { cause: 'proxy_missing', closed_by: 'proxy' }],
    ['cut by FIN', 'auto', (raw) => raw.end('PROXY TCP4'), { cause: 'proxy_truncated', closed_by: 'client' }],
    [
      'cut by RST',
      'required',
      (raw) => raw.write('PROXY TCP4', () => raw.resetAndDestroy()),
      { cause: expect.stringMatching(/proxy_(truncated|empty)/), closed_by: 'client' },
    ],
    ['empty', 'required', (raw) => raw.end(), { cause: 'proxy_empty', closed_by: 'client' }],
    ['never complete', 'auto', (raw) => raw.write('PROXY '), { cause: 'proxy_timeout', closed_by: 'proxy' }],
  ])('%s', async (_, mode, act, expected) => {
    const { port, log } = await plain(1, { proxyProtocol: { mode, timeoutMs: 150 } });
    act(await connectTcp(cleanup, port));
    await log.closed();
    expect(log.rows).toMatchObject([
      {
        event: 'close',
        proxy_version: 'invalid',
        close_reason: 'proxy_protocol_error',
        flags: ['client_proxy_protocol_error'],
        term: 'pR',
        ...expected,
      },
    ]);
  });

  test('from a peer that is not trusted', async () => {
    const { port, log } = await plain(1, { proxyProtocol: { trusted: ['10.0.0.0/8'] } });
    (await connectTcp(cleanup, port)).write(v1);
    expect((await log.closed())[0]).toMatchObject({
      cause: 'proxy_untrusted_peer',
      client_ip: '127.0.0.1',
      closed_by: 'proxy',
    });
  });

  test('a client that waits for the server to speak first', async () => {
    const upstreamPort = await openTcp(cleanup, (socket) => socket.end('220 hello\r\n'));
    const { port } = await plain(upstreamPort, { proxyProtocol: { timeoutMs: 50 } });
    expect((await readAll(await connectTcp(cleanup, port))).bytes.toString()).toBe('220 hello\r\n');
  });
});

describe('limits of time', () => {
  test('an upstream that never answers: 504', async () => {
    const upstreamPort = await openTls(cleanup, {}, (tls) => tls.resume());
    const { port, log } = await openProxy(cleanup, { upstreamPort, policy: { readTimeoutMs: 100 } });
    const { tls } = await connectClient(cleanup, port);
    const answer = readAll(tls);
    tls.write(GET);
    expect((await answer).bytes.toString()).toMatch(
      /^HTTP\/1\.1 504 Gateway Timeout\r\nProxy-Status: wiretracer; error=http_response_timeout/,
    );
    expect((await log.closed())[0]).toMatchObject({
      closed_by: 'proxy',
      close_reason: 'upstream_read_timeout',
      cause: 'timeout',
      term: 'sH',
    });
  });

  test('an upstream that stops in a body', async () => {
    const upstreamPort = await openTls(cleanup, {}, (tls) => {
      tls.on('data', () => tls.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'));
    });
    const { port, log } = await openProxy(cleanup, { upstreamPort, policy: { readTimeoutMs: 100 } });
    const { tls } = await connectClient(cleanup, port);
    const answer = readAll(tls);
    tls.write(GET);
    expect((await answer).error?.code).toBe('ECONNRESET');
    expect((await log.closed())[0]).toMatchObject({
      close_reason: 'upstream_read_timeout',
      cause: 'timeout',
      term: 'sD',
    });
  });

  test('a client that stops in a request', async () => {
    const upstreamPort = await openTls(cleanup, {}, (tls) => tls.resume());
    const { port, log } = await openProxy(cleanup, { upstreamPort, policy: { readTimeoutMs: 100 } });
    const { tls } = await connectClient(cleanup, port);
    tls.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf');
    expect((await log.closed())[0]).toMatchObject({
      close_reason: 'client_read_timeout',
      cause: 'timeout',
      term: 'cR',
    });
  });

  test('nothing to do', async () => {
    const upstreamPort = await openTls(cleanup, {}, (tls) => {
      tls.on('data', () => tls.write(OK));
    });
    const { port, log } = await openProxy(cleanup, { upstreamPort, policy: { idleTimeoutMs: 100 } });
    const { tls } = await connectClient(cleanup, port);
    tls.write(GET);
    await once(tls, 'data');
    expect(await readAll(tls)).toMatchObject({ error: null });
    expect((await log.closed())[0]).toMatchObject({
      closed_by: 'proxy',
      close_reason: 'client_idle_timeout',
      cause: 'idle_timeout',
    });
  });
});

describe('stopping', () => {
  test('every open connection gets its close record', async () => {
    const upstreamPort = await openTls(cleanup, {}, (tls) => tls.resume());
    const { port, log, listener } = await openProxy(cleanup, {
      upstreamPort,
      proxyProtocol: { mode: 'off' },
    });
    const { tls } = await connectClient(cleanup, port);
    tls.write(GET);
    await connectTcp(cleanup, port);
    await connectClient(cleanup, port);
    await log.until(2, (row) => row.side === 'in');
    await listener.drain(0);
    const closes = await log.closed(3);
    expect(closes.map((row) => `${row.cause} ${row.close_reason} ${row.closed_by}`)).toEqual(
      Array(3).fill('shutdown cancelled proxy'),
    );
    expect(closes.map((row) => row.term).sort()).toEqual(['K-', 'KH', 'KR']);
  });

  test('a slot that is waited for is given up', async () => {
    const { port, log, listener } = await plain(await echo(), { policy: { maxConnections: 1 } });
    const first = await connectTcp(cleanup, port);
    first.write('1');
    await once(first, 'data');
    await connectTcp(cleanup, port);
    await listener.drain(0);
    expect((await log.closed(2)).map((row) => row.term).sort()).toEqual(['K-', 'KQ']);
  });
});

test('a full record queue slows the sockets down, and lets go', async () => {
  const arrived = Promise.withResolvers<void>();
  const upstreamPort = await openTcp(cleanup, (socket) => {
    socket.pipe(socket);
    socket.on('data', () => arrived.resolve());
  });
  const { port, log } = await plain(upstreamPort);
  const raw = await connectTcp(cleanup, port);
  let echoed = '';
  raw.on('data', (chunk) => {
    echoed += chunk;
  });
  log.congested = true;
  raw.write('GET one');
  await arrived.promise;
  expect(echoed).toBe('');
  log.drain();
  await once(raw, 'data');
  expect(echoed).toBe('GET one');
});

test('plaintext HTTP/1.1 to a TLS upstream', async () => {
  const upstreamPort = await openTls(cleanup, { ALPNProtocols: ['h2', 'http/1.1'] }, (tls) => {
    tls.on('data', () => tls.end(OK));
  });
  const { port, log } = await openProxy(cleanup, { upstreamPort, tls: null });
  const raw = await connectTcp(cleanup, port);
  const answer = readAll(raw);
  raw.write(GET);
  expect((await answer).bytes.toString()).toBe(OK);
  raw.end();
  expect((await log.closed())[0]).toMatchObject({ cause: 'graceful', protocol: 'http/1.1' });
  expect(log.rows.filter((row) => row.kind === 'tls')).toMatchObject([
    { side: 'out', tls: { alpn: 'http/1.1' } },
  ]);
});

test('plaintext HTTP/2 with prior knowledge to a TLS upstream', async () => {
  const server = createSecureServer(fixtures.server);
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200 });
    stream.end('two');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.add(() => server.close());
  const { port, log } = await openProxy(cleanup, {
    upstreamPort: (server.address() as AddressInfo).port,
    tls: null,
  });
  const session = connectH2(`http://127.0.0.1:${port}`);
  let body = '';
  for await (const chunk of session.request({ ':path': '/' })) body += chunk;
  expect(body).toBe('two');
  session.close();
  expect((await log.closed())[0]).toMatchObject({ cause: 'graceful', protocol: 'h2' });
});

test('an HTTP/2 client before a plaintext upstream is answered h2', async () => {
  const { port } = await openProxy(cleanup, {
    upstreamPort: await echo(),
    upstreamTls: null,
    tls: listenerTls(),
  });
  const { tls } = await connectClient(cleanup, port, { ALPNProtocols: ['http/1.1', 'h2'] });
  expect(tls.alpnProtocol).toBe('h2');
});
