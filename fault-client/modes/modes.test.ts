import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type http from 'node:http';
import type http2 from 'node:http2';
import net from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type HttpPeer, openHttpPeer } from '../testing/http-peer.ts';
import { type Fixtures, openFixtures, runSpec } from '../testing/run-spec.ts';

let fixtures: Fixtures;
let peer: HttpPeer;
let received = { bytes: 0, sha256: '' };

beforeAll(async () => {
  fixtures = await openFixtures();
});
afterAll(() => fixtures.remove());
beforeEach(async () => {
  peer = await openHttpPeer(fixtures, handle);
  return () => peer.close();
});

/** Paths say what the peer does; everything about it is Node's own. */
function handle(request: http.IncomingMessage, response: http.ServerResponse): void {
  const stream = (response as unknown as { stream?: http2.ServerHttp2Stream }).stream;
  if (request.url === '/hang') return;
  if (request.url === '/cut') {
    response.writeHead(200, stream ? {} : { 'content-length': '100' });
    response.write('part', () => (stream ? stream.session?.destroy() : request.socket.end()));
    return;
  }
  if (request.url?.startsWith('/rst/')) {
    response.writeHead(200);
    response.write('part', () => stream?.close(Number(request.url!.slice(5))));
    return;
  }
  const hash = createHash('sha256');
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  request.on('end', () => {
    received = { bytes, sha256: hash.digest('hex') };
    if (request.url === '/hints') response.writeEarlyHints({ link: '</a>; rel=preload' });
    response.setHeader('x-twice', ['1', '2']);
    response.setHeader('x-sent-trailer', String(request.trailers['x-sum'] ?? ''));
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    if (!stream) response.setHeader('trailer', 'x-back');
    response.write('hello ');
    response.addTrailers({ 'x-back': 'yes' });
    response.end('there');
  });
}

const helloSha256 = createHash('sha256').update('hello there').digest('hex');

describe.each(['h1', 'h2'] as const)('%s', (proto) => {
  const run = (more: object) => runSpec(fixtures, { target: peer.target, proto, tls: {}, ...more });

  test('one request: answer, trailers, duplicate headers, hash, and who ended', async () => {
    const result = await run({ bind: '127.5.4.3' });
    expect(result.error).toBeNull();
    expect(result.exchanges[0]).toMatchObject({
      status: 200,
      complete: true,
      body_bytes: 11,
      body_sha256: helloSha256,
      trailers: [['x-back', 'yes']],
    });
    expect(
      result.exchanges[0]!.headers.filter(([name]) => name === 'x-twice').map(([, value]) => value),
    ).toEqual(['1', '2']);
    expect(result.close).toMatchObject({ by: 'self', peer_end: 'fin' });
    expect(await peer.saw(/^connection/)).toBe(`connection ${result.sockets[0]}`);
    expect(result.sockets[0]).toMatch(/^127\.5\.4\.3:/);
    expect(result.tls).toMatchObject({
      version: 'TLSv1.3',
      alpn: proto === 'h1' ? 'http/1.1' : 'h2',
      server_cert: 'localhost',
    });
  });

  test('chat keeps one connection', async () => {
    const result = await run({ mode: 'chat', cycles: 4 });
    expect(result.exchanges.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(peer.events.filter((event) => event.startsWith('connection'))).toHaveLength(1);
  });

  test('a body both ends hash alike, with trailers', async () => {
    const request = { body: { bytes: 200_000, seed: 7, chunked: true }, trailers: [['x-sum', 'abc']] };
    const result = await run({ request });
    expect(received.bytes).toBe(200_000);
    expect(result.exchanges[0]).toMatchObject({
      sent_bytes: 200_000,
      sent_sha256: received.sha256,
      complete: true,
    });
    expect(result.exchanges[0]!.headers).toContainEqual(['x-sent-trailer', 'abc']);
  });

  test('concurrent requests', async () => {
    const result = await run({ concurrency: 5 });
    expect(result.error).toBeNull();
    expect(result.exchanges.map(({ complete, body_sha256 }) => [complete, body_sha256])).toEqual(
      Array.from({ length: 5 }, () => [true, helloSha256]),
    );
    expect(peer.events.filter((event) => event.startsWith('connection'))).toHaveLength(1);
  });

  test('informational answers', async () => {
    const result = await run({ request: { path: '/hints' } });
    expect(result.exchanges[0]).toMatchObject({ informational: [103], status: 200, complete: true });
  });

  test('HEAD has no body', async () => {
    const result = await run({ request: { method: 'HEAD' } });
    expect(result.exchanges[0]).toMatchObject({ status: 200, complete: true, body_bytes: 0 });
  });

  // TLS 1.2: a 1.3 server that is still writing its tickets may read the same reset as an end.
  test('client_rst is a real reset', async () => {
    const result = await run({
      mode: 'client_rst',
      request: { path: '/hang' },
      tls: { maxVersion: 'TLSv1.2' },
    });
    expect(result).toMatchObject({ outcome: 'ok', close: { by: 'self', peer_end: null } });
    await peer.saw(/^request GET \/hang/);
    await peer.saw(/^reset$/);
  });

  test('client_close_early is a FIN', async () => {
    const result = await run({ mode: 'client_close_early', request: { path: '/hang' } });
    expect(result).toMatchObject({ outcome: 'ok', close: { by: 'self' } });
    await peer.saw(/^request GET \/hang/);
    await peer.saw(/^end$/);
    expect(peer.events).not.toContain('reset');
  });

  test('an answer cut by FIN is not complete', async () => {
    const result = await run({ request: { path: '/cut' } });
    expect(result.outcome).toBe('error');
    expect(result.exchanges[0]).toMatchObject({ status: 200, complete: false, body_bytes: 4 });
    expect(result.close.by).toBe('peer');
    // node:http2's destroy() resets where bytes were left unread.
    expect(result.close.peer_end).toBeOneOf(proto === 'h1' ? ['fin'] : ['fin', 'rst']);
  });

  test('a hanging peer is a timeout, with what was known', async () => {
    const result = await run({ request: { path: '/hang' }, timeoutMs: 300 });
    expect(result).toMatchObject({ outcome: 'timeout', error: { phase: 'response' } });
    expect(result.exchanges[0]).toMatchObject({ status: null, complete: false });
  });

  test('mode idle stays until the peer ends', async () => {
    const [result] = await Promise.all([
      run({ mode: 'idle' }),
      peer.saw(/^request/).then(() => {
        if (proto === 'h2') return new Promise<void>((resolve) => setImmediate(() => resolve(peer.close())));
        return peer.close();
      }),
    ]);
    expect(result.close.by).toBe('peer');
  });

  test('a server certificate of another CA is refused in phase tls', async () => {
    const result = await run({ tls: { ca: 'bad_ca' } });
    expect(result).toMatchObject({ outcome: 'error', error: { phase: 'tls' }, close: { by: 'self' } });
  });
});

test('h1: half-close still reads the whole answer', async () => {
  const result = await runSpec(fixtures, {
    target: peer.target,
    proto: 'h1',
    tls: {},
    mode: 'client_half_close',
  });
  expect(result).toMatchObject({
    outcome: 'ok',
    exchanges: [{ status: 200, complete: true }],
    close: { by: 'self' },
  });
});

test('h1: the body waits for 100-continue', async () => {
  const request = { headers: [['Expect', '100-continue']] as [string, string][], body: { text: 'hello' } };
  const result = await runSpec(fixtures, { target: peer.target, proto: 'h1', tls: {}, request });
  expect(result.exchanges[0]).toMatchObject({
    informational: [100],
    status: 200,
    complete: true,
    sent_bytes: 5,
  });
  expect(received.bytes).toBe(5);
});

test('h1: an upgrade echoes', async () => {
  peer.server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  const headers: [string, string][] = [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'echo'],
  ];
  const request = { headers, body: { bytes: 50_000 } };
  const result = await runSpec(fixtures, { target: peer.target, proto: 'h1', tls: {}, request });
  expect(result.exchanges[0]).toMatchObject({ status: 101, complete: true, body_bytes: 50_000 });
  expect(result.exchanges[0]!.body_sha256).toBe(result.exchanges[0]!.sent_sha256);
});

test.each([0, 1, 7, 8, 11])('h2: RST_STREAM(%i) is told apart from an end', async (code) => {
  const result = await runSpec(fixtures, {
    target: peer.target,
    proto: 'h2',
    tls: {},
    request: { path: `/rst/${code}` },
  });
  expect(result.outcome).toBe('error');
  expect(result.exchanges[0]).toMatchObject({ complete: false, rst_code: code });
});

/** Serves one plaintext HTTP/2 client by frames written out by hand. Gives `host:port`. */
async function openFramePeer(
  serve: (socket: net.Socket) => void,
): Promise<{ target: string; close(): void }> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.write(frame(4, 0, 0, []));
    socket.on('data', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const target = `127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  return { target, close: () => server.close() };
}

function frame(type: number, flags: number, stream: number, payload: Iterable<number>): Buffer {
  const bytes = Buffer.from([...payload]);
  return Buffer.concat([Buffer.from([0, 0, bytes.length, type, flags, 0, 0, 0, stream]), bytes]);
}

test.each(['h2', 'grpc'] as const)('%s: a GOAWAY is shown with its debug text', async (proto) => {
  const goaway = frame(7, 0, 0, Buffer.from('\0\0\0\0\0\0\0\x0btoo_many_pings'));
  const server = await openFramePeer((socket) => socket.once('data', () => socket.end(goaway)));
  const result = await runSpec(fixtures, { target: server.target, proto });
  server.close();
  expect(result.outcome).toBe('error');
  expect(result.close).toMatchObject({ by: 'peer', goaway: { code: 11, debug: 'too_many_pings' } });
});

test('h2: a reset behind a whole answer is told, even if it comes behind the FIN of this side', async () => {
  const server = await openFramePeer((socket) => {
    // HEADERS with END_STREAM: the static entry of `:status: 200` (RFC 7541 A).
    socket.once('data', () => socket.write(frame(1, 5, 1, [0x88])));
    socket.once('end', () => socket.end(frame(3, 0, 1, [0, 0, 0, 5])));
  });
  const result = await runSpec(fixtures, { target: server.target, proto: 'h2' });
  server.close();
  expect(result.exchanges[0]).toMatchObject({ status: 200, complete: true, error: null, rst_code: 5 });
  expect(result.close).toMatchObject({ by: 'self', peer_end: 'fin' });
});

test('nobody listens: phase connect', async () => {
  peer.close();
  const result = await runSpec(fixtures, { target: peer.target, proto: 'h1', tls: {} });
  expect(result).toMatchObject({
    outcome: 'error',
    error: { phase: 'connect', code: 'ECONNREFUSED' },
    sockets: [],
  });
});

test('h1: after "Connection: close" the end is left to the server that announced it', async () => {
  const request = { headers: [['Connection', 'close']] as [string, string][] };
  const result = await runSpec(fixtures, { target: peer.target, proto: 'h1', tls: {}, request });
  expect(result).toMatchObject({ outcome: 'ok', close: { by: 'peer', peer_end: 'fin' } });
});
