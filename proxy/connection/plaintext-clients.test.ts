import { once } from 'node:events';
import { connect as connectH2 } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { Client, credentials, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import { connectTcp, createCleanup, openProxy, openTcp, openTls, readAll, upstreamTls } from './testing.ts';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const plain = { tls: null, upstreamTls: null } as const;
const HEAD = 'HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('an upstream that cannot be reached', () => {
  test('is told to an HTTP/2 client with prior knowledge on its stream', async () => {
    const { port, log } = await openProxy(cleanup, { ...plain, upstreamPort: await freePort() });
    const session = connectH2(`http://127.0.0.1:${port}`);
    session.on('error', () => undefined);
    cleanup.add(() => session.destroy());
    const stream = session.request({ ':path': '/' });
    stream.resume();
    const [headers] = await once(stream, 'response');
    expect(headers[':status']).toBe(502);
    session.close();
    expect((await log.closed())[0]).toMatchObject({ protocol: 'h2', cause: 'connection_refused' });
  });

  test('is UNAVAILABLE to gRPC without TLS', async () => {
    const { port } = await openProxy(cleanup, { ...plain, upstreamPort: await freePort() });
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    cleanup.add(() => client.close());
    const raw = (bytes: Buffer): Buffer => bytes;
    const error = await new Promise<{ code: number; details: string } | null>((resolve) => {
      client.makeUnaryRequest('/a.B/C', raw, raw, Buffer.alloc(0), (failed) => resolve(failed));
    });
    expect(error).toMatchObject({ code: status.UNAVAILABLE, details: 'upstream unavailable' });
  });

  test.each([
    ['raw', 'get key\r\n', []],
    [
      'redis',
      '*1\r\n$4\r\nPING\r\n',
      [{ protocol: 'redis', cause: 'connection_refused', local_reply: false }],
    ],
  ])('is the end for a protocol nobody here answers in: %s', async (protocol, bytes, events) => {
    const { port, log } = await openProxy(cleanup, { ...plain, upstreamPort: await freePort() });
    const client = await connectTcp(cleanup, port);
    const answer = readAll(client);
    client.write(bytes);
    expect((await answer).bytes).toHaveLength(0);
    client.end();
    expect((await log.closed())[0]).toMatchObject({ protocol, cause: 'connection_refused', bytes_out: 0 });
    expect(log.rows.filter((row) => row.kind === 'event')).toMatchObject(events);
  });

  test('HEAD is answered without a body, and once', async () => {
    const { port, log } = await openProxy(cleanup, { ...plain, upstreamPort: await freePort() });
    const client = await connectTcp(cleanup, port);
    const answer = readAll(client);
    client.write(HEAD);
    expect((await answer).bytes.toString()).toMatch(/^HTTP\/1\.1 502 (?:.+\r\n)+\r\n$/);
    client.end();
    await log.closed();
    expect(log.rows.filter((row) => row.kind === 'event')).toMatchObject([
      { response: { status: 502 }, anomalies: [] },
    ]);
  });
});

describe('an upstream that stops', () => {
  test('in the head of its answer: no 504 in the middle of it', async () => {
    const part = 'HTTP/1.1 200 OK\r\nConte';
    const upstreamPort = await openTcp(cleanup, (socket) => socket.on('data', () => socket.write(part)));
    const { port, log } = await openProxy(cleanup, { ...plain, upstreamPort, policy: { readTimeoutMs: 50 } });
    const client = await connectTcp(cleanup, port);
    const answer = readAll(client);
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await answer).bytes.toString()).toBe(part);
    expect((await log.closed())[0]).toMatchObject({ cause: 'timeout', term: 'sH' });
  });

  test('before it answers HEAD: a 504 without a body', async () => {
    const upstreamPort = await openTcp(cleanup, (socket) => socket.resume());
    const { port, log } = await openProxy(cleanup, { ...plain, upstreamPort, policy: { readTimeoutMs: 50 } });
    const client = await connectTcp(cleanup, port);
    const answer = readAll(client);
    client.write(HEAD);
    expect((await answer).bytes.toString()).toMatch(/^HTTP\/1\.1 504 (?:.+\r\n)+\r\n$/);
    client.end();
    await log.closed();
    expect(log.rows.filter((row) => row.kind === 'event')).toMatchObject([{ response: { status: 504 } }]);
  });
});

describe('a client that closes at once', () => {
  test.each(['none', 'to the upstream'])('by RST, TLS %s: its connection is over', async (tls) => {
    const upstreamPort =
      tls === 'none'
        ? await openTcp(cleanup, (socket) => socket.on('end', () => socket.end()).resume())
        : await openTls(cleanup, {}, (socket) => socket.resume());
    const { port, log } = await openProxy(cleanup, {
      ...plain,
      upstreamPort,
      upstreamTls: tls === 'none' ? null : upstreamTls(),
    });
    const client = await connectTcp(cleanup, port);
    client.write('G');
    client.resetAndDestroy();
    expect((await log.closed())[0]).toMatchObject({ closed_by: 'client', client_end: 'rst' });
  });

  test.each([
    ['P', 'auto'],
    ['PRI * HT', 'auto'],
    ['PRI * HT', 'off'],
  ] as const)('behind %j with a PROXY header %s: every byte arrives', async (start, mode) => {
    const arrived: Promise<string>[] = [];
    const upstreamPort = await openTcp(cleanup, (socket) => {
      arrived.push(readAll(socket).then(({ bytes }) => bytes.toString()));
      socket.on('end', () => socket.end());
    });
    const { port, log } = await openProxy(cleanup, { ...plain, upstreamPort, proxyProtocol: { mode } });
    const client = await connectTcp(cleanup, port);
    client.resume();
    client.end(start);
    expect((await log.closed())[0]).toMatchObject({ bytes_in: start.length, client_end: 'fin' });
    expect(await arrived[0]).toBe(start);
  });
});
