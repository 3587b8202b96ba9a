import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http2 from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runChild } from '../children.ts';
import type { Subject } from '../subjects/subject.ts';
import { startGrpcUpstream } from '../subjects/upstream.ts';
import { callsAtRate, floodCalls, streamMessages } from './grpc.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-grpc-'));
const certs = join(folder, 'certs');
let upstream: Subject;

beforeAll(async () => {
  await runChild(process.execPath, ['scripts/certificates.ts', '--out', certs]);
  upstream = await startGrpcUpstream(certs);
});
afterAll(async () => {
  await upstream.stop();
  rmSync(folder, { recursive: true });
});

test('grpc-js takes the upstream for a gRPC server that echoes', async () => {
  const client = new Client(
    `localhost:${upstream.port}`,
    credentials.createSsl(readFileSync(join(certs, 'ca.crt'))),
  );
  const plain = (bytes: Buffer) => bytes;
  const call = (text: string) =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest('/a.B/C', plain, plain, Buffer.from(text), new Metadata(), (error, reply) =>
        error ? reject(error) : resolve(String(reply)),
      );
    });
  // Two, because the second finds the header table filled.
  expect(await call('first')).toBe('first');
  expect(await call('second')).toBe('second');
  client.close();
});

test('the load is understood by the HTTP/2 server of Node', async () => {
  const server = http2.createSecureServer({
    key: readFileSync(join(certs, 'server.key')),
    cert: readFileSync(join(certs, 'server.crt')),
  });
  let requests = 0;
  server.on('stream', (stream, headers) => {
    if (headers[':path'] === '/helloworld.Greeter/SayHello' && headers.te === 'trailers') requests++;
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.pipe(stream);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await floodCalls(port, 300);
  server.close();
  expect(requests).toBe(300);
});

test('a schedule has every call answered and tells its own lateness', async () => {
  const result = await callsAtRate(upstream.port, 200, 0.5);
  expect(result).toMatchObject({ calls: 100, answered: 100, p999Us: null });
  expect(result.p99Us).toBeGreaterThanOrEqual(result.p50Us);
  expect(result.p50Us).toBeGreaterThan(result.latenessP50Us);
});

test('every message of a stream comes back', async () => {
  expect((await streamMessages(upstream.port, 1000)).seconds).toBeGreaterThan(0);
});
