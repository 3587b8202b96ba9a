import { request as httpRequest } from 'node:http';
import { connect as h2Connect } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect as tlsConnect } from 'node:tls';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import type { FaultLimits } from '../../protos/control/fault-limits.ts';
import type { EndpointSpec } from '../../protos/control/fault-server.ts';
import { fixtures, open } from '../testing.ts';

const faulty = (id: string, only: FaultLimits, more: Partial<EndpointSpec> = {}) =>
  open({ kind: 'raw', fault: { id, only }, ...more });

/** Node's own HTTP client on a new connection: the status, or the code of its error. */
function ask(port: number, path = '/mode/ok', body = ''): Promise<number | string> {
  return new Promise((resolve) => {
    const method = body === '' ? 'GET' : 'POST';
    const asked = httpRequest({ port, host: '127.0.0.1', path, method, agent: false }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    asked.end(body);
  });
}

async function inTurn<T, R>(items: T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await each(item));
  return results;
}

test.each<[FaultLimits, (number | string)[]]>([
  [{ first: 2 }, ['ECONNRESET', 'ECONNRESET', 200, 200]],
  [{ nth: 3 }, [200, 200, 'ECONNRESET', 200]],
  [{ first: 3, nth: 2 }, [200, 'ECONNRESET', 200, 200]],
  [{ probability: 0 }, [200, 200, 200, 200]],
  [{ probability: 1 }, ['ECONNRESET', 'ECONNRESET', 'ECONNRESET', 'ECONNRESET']],
])('connections meet h1-rst only by %j', async (only, expected) => {
  const { port, seen } = await faulty('h1-rst', only);
  expect(await inTurn([1, 2, 3, 4], () => ask(port))).toEqual(expected);
  const opens = seen.filter(({ observation }) => observation === 'open');
  expect(opens.map((one) => 'spared' in one)).toEqual(expected.map((one) => one === 200));
});

test('the same seed chooses the same connections', async () => {
  const run = async (seed: number) => {
    const { port } = await faulty('h1-rst', { probability: 0.5, seed });
    return inTurn(Array.from({ length: 12 }), () => ask(port));
  };
  const [once, again, other] = [await run(5), await run(5), await run(6)];
  expect(new Set(once)).toEqual(new Set([200, 'ECONNRESET']));
  expect(again).toEqual(once);
  expect(other).not.toEqual(once);
});

test('of HTTP/1.1 requests only the one with the tid meets the fault', async () => {
  const { port } = await faulty('h1-garbage', { tid: 'mine' });
  const answers = await inTurn(['/x?tid=other', '/x?a=1&tid=mine', '/x'], (path) => ask(port, path));
  expect(answers).toEqual([200, expect.stringMatching(/^HPE_/), 200]);
});

test('of the streams of one HTTP/2 connection only the one with the tid meets the fault', async () => {
  const { port } = await faulty('h2-srv-rst', { tid: 'mine' });
  const session = h2Connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  const outcome = (path: string) =>
    new Promise<string>((resolve) => {
      const stream = session.request({ ':path': path });
      let status = 'none';
      stream.on('response', (fields) => {
        status = String(fields[':status']);
      });
      stream.on('error', () => {});
      stream.on('close', () => resolve(`${status} code ${stream.rstCode}`));
      stream.resume();
    });
  expect(await Promise.all(['/a', '/b?tid=mine', '/c?tid=nine'].map(outcome))).toEqual([
    '200 code 0',
    'none code 2',
    '200 code 0',
  ]);
});

test('requests meet the fault once enough bytes, or frames, have come', async () => {
  const bytes = await faulty('h1-rst', { after_bytes: 1000 });
  expect(await ask(bytes.port)).toBe(200);
  expect(await ask(bytes.port, `/${'x'.repeat(1000)}`)).toBe('ECONNRESET');
  const frames = await faulty('h2-srv-rst', { after_frames: 8 });
  const session = h2Connect(`http://127.0.0.1:${frames.port}`);
  onTestFinished(() => session.destroy());
  const codes = await inTurn(Array.from({ length: 10 }), () => {
    return new Promise<number>((resolve) => {
      const stream = session.request();
      stream.on('error', () => {});
      stream.on('close', () => resolve(stream.rstCode ?? -1));
      stream.resume();
    });
  });
  // How many frames a client sends besides its requests is its own affair; once reached, it stays so.
  expect(codes[0]).toBe(0);
  expect(codes.at(-1)).toBe(2);
  expect([...codes].sort()).toEqual(codes);
});

test('what a gRPC fault spares is served as gRPC', async () => {
  const { port } = await faulty('grpc-trailers-only', { nth: 1 });
  const call = () =>
    new Promise<number>((resolve) => {
      const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
        'grpc.use_local_subchannel_pool': 1,
      });
      const done = (error: ServiceError | null) => {
        client.close();
        resolve(error?.code ?? 0);
      };
      const raw = (bytes: Buffer) => bytes;
      client.makeUnaryRequest('/helloworld.Greeter/SayHello', raw, raw, Buffer.alloc(0), done);
    });
  expect(await inTurn([1, 2], call)).toEqual([14, 0]);
});

test('what a fault of the handshake spares is TLS, and rewind starts the count again', async () => {
  const { port, rewind } = await faulty('tls-alert', { first: 1 });
  const { ca } = await fixtures();
  const shake = () =>
    new Promise<string>((resolve) => {
      const socket = tlsConnect({ port, host: '127.0.0.1', servername: 'localhost', ca: ca!.cert }, () => {
        resolve('stands');
        socket.destroy();
      });
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
  const alert = 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE';
  expect(await inTurn([1, 2], shake)).toEqual([alert, 'stands']);
  rewind();
  expect(await inTurn([1, 2], shake)).toEqual([alert, 'stands']);
});

test('optional TLS takes both: the first byte tells', async () => {
  const { port } = await open({
    kind: 'raw',
    fault: { id: 'h1-hang', only: { nth: 9 } },
    tls: { optional: true },
  });
  const { ca } = await fixtures();
  const overTls = new Promise((resolve) => {
    const options = { port, host: 'localhost', path: '/mode/ok', ca: ca!.cert, agent: false } as const;
    httpsRequest(options, (answer) => resolve(answer.resume().statusCode)).end();
  });
  expect([await ask(port), await overTls]).toEqual([200, 200]);
});
