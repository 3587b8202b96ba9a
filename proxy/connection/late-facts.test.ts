import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { connectClient, connectTcp, createCleanup, openProxy, openTcp, openTls, readAll } from './testing.ts';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const GET = 'GET /a?tid=t1 HTTP/1.1\r\nHost: localhost\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const HALF = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf';
const plain = { tls: null, upstreamTls: null } as const;

describe('after a half-close of the client', () => {
  test.each([
    ['FIN', 'upstream_fin', 'truncated'],
    ['RST', 'upstream_rst', 'reset'],
  ])('an upstream that cuts its answer by %s ends the connection', async (how, reason, cause) => {
    const upstreamPort = await openTcp(cleanup, (socket) => {
      socket.resume();
      socket.on('end', () => {
        socket.write(HALF, () => {
          // The half is on its way when the other bytes are known to have arrived.
          halfRead.then(() => (how === 'FIN' ? socket.end() : socket.resetAndDestroy()));
        });
      });
    });
    const { port, log } = await openProxy(cleanup, { ...plain, upstreamPort });
    const client = await connectTcp(cleanup, port);
    const halfRead = once(client, 'data');
    client.end(GET);
    await halfRead;
    const [close] = await log.closed();
    expect(close).toMatchObject({ closed_by: 'upstream', close_reason: reason, cause, term: 'SD' });
    expect(close!.flags).toEqual([reason, 'client_fin']);
    expect(log.rows.find((row) => row.kind === 'event')).toMatchObject({ cause });
  });

  test('an upstream that stops in its answer has timed out', async () => {
    const upstreamPort = await openTcp(cleanup, (socket) => {
      socket.resume();
      socket.on('end', () => socket.write(HALF));
    });
    const { port, log } = await openProxy(cleanup, {
      ...plain,
      upstreamPort,
      policy: { readTimeoutMs: 50 },
    });
    const client = await connectTcp(cleanup, port);
    client.resume();
    client.end(GET);
    const [close] = await log.closed();
    expect(close).toMatchObject({ close_reason: 'upstream_read_timeout', cause: 'timeout', term: 'sD' });
    expect(close!.flags).toEqual(['upstream_read_timeout', 'client_fin']);
  });

  test('a body that only the end delimits is not ended by FIN when its upstream stops', async () => {
    const upstreamPort = await openTcp(cleanup, (socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\nhalf')).resume();
    });
    const { port, log } = await openProxy(cleanup, { ...plain, upstreamPort, policy: { readTimeoutMs: 50 } });
    const client = await connectTcp(cleanup, port);
    const answer = readAll(client);
    client.write(GET);
    await once(client, 'data');
    client.end();
    expect((await answer).error).toMatchObject({ code: 'ECONNRESET' });
    expect(await log.closed()).toHaveLength(1);
  });

  test('a client that is gone is not told as a fault of the upstream', async () => {
    const upstreamPort = await openTcp(cleanup, (socket) => {
      socket.resume();
      socket.on('end', () => socket.end());
    });
    const { port, log } = await openProxy(cleanup, { ...plain, upstreamPort });
    const client = await connectTcp(cleanup, port);
    client.end(GET);
    expect((await log.closed())[0]).toMatchObject({ closed_by: 'client', cause: 'client_gone', term: 'CH' });
  });
});

describe('a body that ends with the stream', () => {
  const cutAfter = (bytes: Buffer) => (tls: TLSSocket, raw: Socket) => {
    tls.on('data', () => {
      tls.write('HTTP/1.1 200 OK\r\n\r\nbody', () => {
        bodyRead!.then(() => (bytes.length === 0 ? raw.end() : raw.end(bytes)));
      });
    });
  };
  let bodyRead: Promise<unknown> | null = null;

  test.each([
    ['no byte more', Buffer.alloc(0)],
    ['the beginning of a TLS record', Buffer.concat([Buffer.from('1703030400', 'hex'), randomBytes(700)])],
  ])('cut without close_notify, %s: neither row calls it whole', async (_what, rest) => {
    const upstreamPort = await openTls(cleanup, {}, cutAfter(rest));
    const { port, log } = await openProxy(cleanup, { upstreamPort });
    const { tls } = await connectClient(cleanup, port);
    bodyRead = once(tls, 'data');
    const answer = readAll(tls);
    tls.write(GET);
    await answer;
    tls.end();
    const [close] = await log.closed();
    expect(close).toMatchObject({ cause: 'tls_truncated', term: 'SD', upstream_close_notify: false });
    expect(log.rows.find((row) => row.kind === 'event')).toMatchObject({ cause: 'tls_truncated' });
  });
});

test('a FIN without close_notify that answers the FIN of the other side is no reset', async () => {
  const upstreamPort = await openTls(cleanup, {}, (tls) => tls.on('data', () => tls.end(OK)));
  const { port, log } = await openProxy(cleanup, { upstreamPort });
  const { tls, raw } = await connectClient(cleanup, port);
  const answer = readAll(tls);
  tls.write(GET);
  await answer;
  raw.end();
  const [close] = await log.closed();
  expect(close).toMatchObject({ cause: 'graceful', client_end: 'fin', upstream_end: 'fin' });
  expect(close!.flags).toEqual(['upstream_fin', 'client_fin']);
});

test('a FIN that answers a FIN without close_notify is no reset, and goes on as the FIN it is', async () => {
  const ended = Promise.withResolvers<string>();
  const upstreamPort = await openTls(cleanup, {}, (tls, raw) => {
    tls.on('data', () => tls.write('HTTP/1.1 200 OK\r\n\r\nbody', () => raw.end()));
    tls.on('end', () => ended.resolve('fin'));
    for (const socket of [tls, raw]) socket.on('error', ({ message }) => ended.resolve(message));
  });
  const { port, log } = await openProxy(cleanup, { upstreamPort });
  const { tls, raw } = await connectClient(cleanup, port);
  const answer = readAll(tls);
  tls.write(GET);
  await answer;
  raw.end();
  const [close] = await log.closed();
  expect(close).toMatchObject({ cause: 'tls_truncated', client_end: 'fin', upstream_end: 'fin' });
  expect(close!.flags).toEqual(['upstream_fin', 'client_fin']);
  expect(await ended.promise).toBe('fin');
});

test('a reset of bytes nobody decodes is of the data phase', async () => {
  const upstreamPort = await openTcp(cleanup, (socket) => socket.on('data', () => socket.resetAndDestroy()));
  const { port, log } = await openProxy(cleanup, { ...plain, upstreamPort });
  const client = await connectTcp(cleanup, port);
  client.write('\0\x01\x02 no protocol of this house \r\n');
  expect((await log.closed())[0]).toMatchObject({ protocol: 'raw', cause: 'reset', term: 'SD' });
});

test('a client that takes no byte is who timed out, not the upstream that waits for it', async () => {
  const upstreamPort = await openTcp(cleanup, (socket) => {
    const block = Buffer.alloc(1 << 20);
    const fill = (): void => {
      while (socket.write(block));
      socket.once('drain', fill);
    };
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${2 ** 40}\r\n\r\n`);
      fill();
    });
  });
  const { port, log } = await openProxy(cleanup, { ...plain, upstreamPort, policy: { readTimeoutMs: 200 } });
  const client = await connectTcp(cleanup, port);
  client.pause();
  client.write(GET);
  expect((await log.closed())[0]).toMatchObject({
    close_reason: 'client_read_timeout',
    cause: 'timeout',
    term: 'cD',
  });
});

test('records that cannot be written hold up the peers without timing them out', async () => {
  const arrived = Promise.withResolvers<unknown>();
  const upstreamPort = await openTcp(cleanup, (socket) => {
    socket.once('data', arrived.resolve);
  });
  const change = {
    ...plain,
    upstreamPort,
    proxyProtocol: { mode: 'off' as const },
    policy: { readTimeoutMs: 100, idleTimeoutMs: 100 },
  };
  const { port, log } = await openProxy(cleanup, change);
  const client = await connectTcp(cleanup, port);
  log.congested = true;
  client.write('GET /held HTTP/1.1\r\n');
  await arrived.promise;
  // The same limit passes three times at another listener.
  const clock = await openProxy(cleanup, change);
  for (let round = 1; round <= 3; round++) {
    await connectTcp(cleanup, clock.port);
    await clock.log.closed(round);
  }
  expect(log.rows.filter((row) => row.event === 'close')).toEqual([]);
});

test('a shutdown leaves a whole answer to the client that has not read it yet', async () => {
  const answer = `HTTP/1.1 200 OK\r\nContent-Length: 262144\r\n\r\n${'x'.repeat(262144)}`;
  const upstreamPort = await openTcp(cleanup, (socket) => socket.once('data', () => socket.write(answer)));
  const { port, log, listener } = await openProxy(cleanup, { ...plain, upstreamPort });
  const client = await connectTcp(cleanup, port);
  client.pause();
  client.write(GET);
  await log.until(1, (row) => row.kind === 'event');
  await listener.drain(0);
  const rest = readAll(client);
  client.resume();
  const { bytes, error } = await rest;
  expect({ bytes: bytes.toString(), error }).toEqual({ bytes: answer, error: null });
  expect((await log.closed())[0]).toMatchObject({ cause: 'shutdown', term: 'K-' });
});
