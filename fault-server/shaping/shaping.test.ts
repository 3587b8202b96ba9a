import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectH2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { seededChunk } from '../../protos/body/seeded-body.ts';
import { open, rawExchange } from '../testing.ts';

const BYTES = 50_000;
const get = `GET /bytes/${BYTES}?seed=3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const wanted = sha(seededChunk(3, 0, BYTES));

/** The body over HTTPS or HTTP/2 with Node's own clients; an error's code where there is none. */
async function download(port: number, proto: 'h1' | 'h2'): Promise<string> {
  const parts: Buffer[] = [];
  const path = `/bytes/${BYTES}?seed=3`;
  if (proto === 'h1') {
    return new Promise((resolve) => {
      const req = httpsRequest({ port, host: '127.0.0.1', path, agent: false, rejectUnauthorized: false });
      req.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
      req.on('response', (res) => {
        res.on('data', (chunk: Buffer) => parts.push(chunk));
        res.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
        res.on('end', () => resolve(sha(Buffer.concat(parts))));
      });
      req.end();
    });
  }
  const session: ClientHttp2Session = connectH2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  return new Promise((resolve) => {
    session.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    const req = session.request({ ':path': path });
    req.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    req.on('data', (chunk: Buffer) => parts.push(chunk));
    req.on('end', () => {
      session.close();
      resolve(sha(Buffer.concat(parts)));
    });
    req.end();
  });
}

const wheres = ['wire', 'app'] as const;
const keeps: [id: string, params: Record<string, unknown>][] = [
  ['tcp-latency', { ms: 5, jitter_ms: 5, direction: 'both' }],
  ['tcp-bandwidth', { bytes_per_second: 2_000_000 }],
  ['tcp-slicer', { bytes: 500, variation: 400, direction: 'both' }],
  ['tcp-coalesce', { ms: 5, direction: 'both' }],
  ['tcp-slow-close', { ms: 5 }],
  ['tcp-stall', { bytes: 4000, ms: 5, direction: 'both' }],
];

describe('shapes that keep all bytes', () => {
  const rows = keeps.flatMap(([id, params]) =>
    wheres.flatMap((at) => (['h1', 'h2'] as const).map((proto) => [id, at, proto, params] as const)),
  );
  it.each(rows)('%s at %s over %s', async (id, at, proto, params) => {
    const server = await open({ kind: 'http', tls: {}, fault: { id, params: { ...params, at } } });
    expect(await download(server.port, proto)).toBe(wanted);
    await server.until('response');
    expect((await server.until('close')).bytes_out).toBeGreaterThan(BYTES);
    if (id !== 'tcp-stall') expect(await server.until('fault')).toMatchObject({ fault: id });
  });

  it('tcp-latency is as late as it says', async () => {
    const fault = { id: 'tcp-latency', params: { ms: 60, direction: 'both' } };
    const server = await open({ kind: 'raw', fault });
    const began = performance.now();
    await rawExchange(server.port, get);
    expect(performance.now() - began).toBeGreaterThanOrEqual(119);
  });

  it('tcp-bandwidth takes its time', async () => {
    const fault = { id: 'tcp-bandwidth', params: { bytes_per_second: 250_000 } };
    const server = await open({ kind: 'raw', fault });
    const began = performance.now();
    const { received } = await rawExchange(server.port, get);
    expect(received.length).toBeGreaterThan(BYTES);
    expect(performance.now() - began).toBeGreaterThanOrEqual(199);
  });

  it('tcp-slicer sends one byte at a time', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'tcp-slicer' } });
    const socket = connect(server.port, '127.0.0.1');
    const sizes: number[] = [];
    socket.on('data', (chunk) => sizes.push(chunk.length));
    socket.write('GET /mode/ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await once(socket, 'end');
    const total = sizes.reduce((sum, size) => sum + size, 0);
    // The kernel may join what this side reads late.
    expect(sizes.length).toBeGreaterThan(total / 3);
  });
});

describe('shapes that break', () => {
  it.each(['fin', 'rst'] as const)('tcp-limit: exactly its bytes, then %s', async (how) => {
    const server = await open({ kind: 'raw', fault: { id: 'tcp-limit', params: { bytes: 1234, how } } });
    const { received, end } = await rawExchange(server.port, get);
    expect([received.length, end]).toEqual([1234, how]);
    expect(await server.until('close')).toMatchObject({ by: 'self' });
    expect(await server.until('fault')).toMatchObject({ detail: `${how} after 1234 bytes` });
  });

  it.each(['fin', 'rst'] as const)(
    'tcp-limit from the peer ends by %s what it read enough of',
    async (how) => {
      const params = { bytes: 3, how, direction: 'from_peer' };
      const server = await open({ kind: 'raw', fault: { id: 'tcp-limit', params } });
      expect(await rawExchange(server.port, 'GET /')).toMatchObject({ end: how, received: Buffer.alloc(0) });
    },
  );

  it.each([
    ['tcp-corrupt', 'wire', 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC'],
    ['tcp-duplicate', 'wire', 'ERR_SSL_(DECRYPTION_FAILED_OR_BAD_RECORD_MAC|WRONG_VERSION_NUMBER)'],
    ['tcp-lose', 'wire', 'ERR_SSL_(DECRYPTION_FAILED_OR_BAD_RECORD_MAC|WRONG_VERSION_NUMBER)'],
    ['tcp-corrupt', 'app', '^[0-9a-f]{64}$'],
    ['tcp-duplicate', 'app', '^([0-9a-f]{64}|HPE_.*)$'],
    ['tcp-lose', 'app', '^ECONNRESET$'],
  ])('%s at %s is told by TLS or by the bytes: %s', async (id, at, sees) => {
    const fault = { id, params: { offset: 20_000, at } };
    const server = await open({ kind: 'http', tls: { alpn: ['http/1.1'] }, fault });
    const socket = connectTls({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false });
    const lost = id === 'tcp-lose' && at === 'app';
    const seen = lost ? server.until('fault').then(() => server.until('response')) : null;
    socket.destroy();
    const result = download(server.port, 'h1');
    if (seen) {
      await seen;
      return expect(server.seen.filter((o) => o.observation === 'fault')).toHaveLength(1);
    }
    expect(await result).toMatch(new RegExp(sees));
    expect(await result).not.toBe(wanted);
  });

  it('tcp-corrupt flips the bit its seed chooses, the same each time', async () => {
    const details = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const server = await open({
        kind: 'raw',
        fault: { id: 'tcp-corrupt', params: { offset: 0, seed: 7 } },
      });
      await rawExchange(server.port, get);
      details.add((await server.until('fault')).detail);
    }
    expect(details.size).toBe(1);
  });

  it('tcp-stall is silent behind its bytes and follows the peer in its end', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'tcp-stall', params: { bytes: 10 } } });
    const socket = connect(server.port, '127.0.0.1');
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    socket.write(get);
    await server.until('response');
    socket.end();
    await once(socket, 'close');
    expect(bytes).toBe(10);
    expect(await server.until('close')).toMatchObject({ by: 'peer', peer_end: 'fin' });
  });

  it('tcp-stall from the peer fills the window', async () => {
    const params = { bytes: 100, direction: 'from_peer' };
    const server = await open({ kind: 'raw', fault: { id: 'tcp-stall', params } });
    const post = (port: number) => {
      const socket = connect(port, '127.0.0.1');
      socket.write('POST /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n');
      // Far more than the kernel's buffers of both ends.
      socket.write(Buffer.alloc(32_000_000));
      return socket;
    };
    const socket = post(server.port);
    await server.until('fault');
    // By then a server that reads has taken as much.
    const twin = post((await open({ kind: 'http' })).port);
    await once(twin, 'drain');
    twin.destroy();
    expect(socket.writableLength).toBeGreaterThan(1_000_000);
    socket.resetAndDestroy();
  });

  it('serves gRPC under a shape', async () => {
    const server = await open({ kind: 'grpc', fault: { id: 'tcp-slicer', params: { bytes: 7 } } });
    const session = connectH2(`http://127.0.0.1:${server.port}`);
    const req = session.request({
      ':method': 'POST',
      ':path': '/grpc.testing.TestService/EmptyCall',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    req.end(Buffer.alloc(5));
    const [trailers] = await once(req.resume(), 'trailers');
    expect(trailers['grpc-status']).toBe('0');
    session.close();
    await server.until('close');
  });
});
