import { once } from 'node:events';
import {
  Agent,
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
  request,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { EventFields } from '../../records/log.ts';
import { pipe } from '../h2/piped.fixture.ts';
import { recordingContext } from './recording.fixture.ts';
import { createH1Tap } from './tap.ts';

/** What node:http parsed of one message: the judge of what the tap says. */
type Seen = { rawHeaders: [string, string][]; body: string; rawTrailers: [string, string][] };
type SeenRequest = Seen & { method: string; url: string };
type SeenResponse = Seen & { status: number };

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A node:http server and a keep-alive client with the tap between them. */
async function peers(listener: RequestListener) {
  const server: Server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { context, events } = recordingContext({ logBody: true, bodyMaxBytes: 1 << 20 });
  const tap = createH1Tap(context);
  const piped = await pipe((server.address() as AddressInfo).port, tap);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  closers.push(() => {
    agent.destroy();
    piped.stop();
    server.closeAllConnections();
    server.close();
  });
  const send = (options: RequestOptions): ClientRequest =>
    request({ host: '127.0.0.1', port: piped.port, agent, ...options });
  return { server, agent, events, tap, over: piped.over, passed: piped.passed, send };
}

async function readAll(message: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return {
    rawHeaders: pairs(message.rawHeaders),
    body: Buffer.concat(chunks).toString('base64'),
    rawTrailers: pairs(message.rawTrailers),
  };
}

async function answerOf(sent: ClientRequest): Promise<SeenResponse> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode!, ...(await readAll(response)) };
}

function pairs(raw: string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[index * 2]!, raw[index * 2 + 1]!]);
}

function expectSame(event: EventFields, asked: SeenRequest, answered: SeenResponse): void {
  expect(event).toMatchObject({ error: null, cause: null, anomalies: [] });
  expect(event.request).toMatchObject({
    method: asked.method,
    path: asked.url,
    raw_headers: asked.rawHeaders,
    trailers: asked.rawTrailers,
    body_b64: asked.body || null,
  });
  expect(event.response).toMatchObject({
    status: answered.status,
    raw_headers: answered.rawHeaders,
    trailers: answered.rawTrailers,
    body_b64: answered.body || null,
  });
}

describe('what the tap says is what node:http saw', () => {
  it('over one keep-alive connection, every kind of body', async () => {
    const asked: SeenRequest[] = [];
    const run = await peers(async (message, answer) => {
      asked.push({ method: message.method!, url: message.url!, ...(await readAll(message)) });
      const big = Buffer.alloc(200_000, 'z');
      switch (message.url) {
        case '/length':
          return void answer
            .writeHead(200, { 'content-length': big.length, 'set-cookie': ['a', 'b'] })
            .end(big);
        case '/chunked':
          answer.writeHead(201, { trailer: 'x-sum' });
          for (let count = 0; count < 20; count++) answer.write(`part ${count};`);
          answer.addTrailers({ 'x-sum': '20' });
          return void answer.end();
        case '/none':
          return void answer.writeHead(204).end();
        case '/cached':
          return void answer.writeHead(304, { etag: '"1"' }).end();
        default:
          answer.writeEarlyHints({ link: '</style.css>; rel=preload' });
          return void answer.end('done');
      }
    });
    const answered: SeenResponse[] = [];
    const exchange = async (options: RequestOptions, body: (sent: ClientRequest) => void) => {
      const sent = run.send(options);
      body(sent);
      answered.push(await answerOf(sent));
    };
    const end = (sent: ClientRequest) => sent.end();
    await exchange({ path: '/length' }, end);
    await exchange({ path: '/length', method: 'HEAD' }, end);
    await exchange({ path: '/chunked' }, end);
    await exchange({ path: '/none', method: 'DELETE' }, end);
    await exchange({ path: '/cached' }, end);
    await exchange({ path: '/chunked', method: 'POST' }, (sent) => {
      sent.setHeader('trailer', 'x-t');
      for (let count = 0; count < 50; count++) sent.write(Buffer.alloc(1000, count));
      sent.addTrailers({ 'x-t': 'v' });
      sent.end();
    });
    await exchange({ path: '/hints', method: 'PUT', headers: { 'x-a': ['1', '2'] } }, (sent) =>
      sent.end('body'),
    );
    await exchange(
      { path: '/expect', method: 'POST', headers: { expect: '100-continue', 'content-length': 2 } },
      (sent) => {
        sent.on('continue', () => sent.end('hi'));
        sent.flushHeaders();
      },
    );

    expect(run.events).toHaveLength(answered.length);
    for (const [index, event] of run.events.entries()) expectSame(event, asked[index]!, answered[index]!);
    expect(run.events.map((event) => event.informational)).toEqual([
      [],
      [],
      [],
      [],
      [],
      [],
      [103],
      [100, 103],
    ]);
    expect(run.tap.state()).toMatchObject({
      completedExchanges: answered.length,
      openExchanges: 0,
      path: '/expect',
    });
    const total = (from: string) =>
      run.passed.reduce((sum, piece) => sum + (piece.from === from ? piece.chunk.length : 0), 0);
    expect(run.events.reduce((sum, event) => sum + event.bytes_in, 0)).toBe(total('client'));
    expect(run.events.reduce((sum, event) => sum + event.bytes_out, 0)).toBe(total('upstream'));
  });

  it('a response that ends with the connection', async () => {
    const run = await peers((_message, answer) => {
      answer.useChunkedEncodingByDefault = false;
      answer.removeHeader('transfer-encoding');
      answer.shouldKeepAlive = false;
      answer.end('until the end');
      answer.socket!.end();
    });
    const sent = run.send({ path: '/' });
    sent.end();
    const answered = await answerOf(sent);
    await run.over;
    expect(run.events).toHaveLength(1);
    expect(run.events[0]).toMatchObject({ cause: null, response: { status: 200, body_b64: answered.body } });
  });

  it('an upgrade, and nothing of what follows it', async () => {
    const run = await peers(() => {});
    run.server.on('upgrade', (_message, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
      socket.pipe(socket);
    });
    const sent = run.send({ path: '/up', headers: { connection: 'upgrade', upgrade: 'echo' }, agent: false });
    sent.end();
    const [, socket] = (await once(sent, 'upgrade')) as [IncomingMessage, import('node:net').Socket];
    socket.write('GET /not-http HTTP/1.1\r\n\r\n');
    await once(socket, 'data');
    socket.destroy();
    await run.over;
    expect(run.events).toHaveLength(1);
    expect(run.events[0]).toMatchObject({
      flags: ['upgrade'],
      response: { status: 101 },
      request: { path: '/up' },
    });
  });
});

describe('a peer that dies', () => {
  it('node:http sees an aborted body, the tap says how much is missing', async () => {
    const run = await peers((_message, answer) => {
      answer.writeHead(200, { 'content-length': 1000 });
      answer.write('x'.repeat(10), () => answer.socket!.destroy());
    });
    const sent = run.send({ path: '/cut?tid=t1' });
    sent.end();
    await expect(answerOf(sent)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await run.over;
    expect(run.events).toHaveLength(1);
    expect(run.events[0]).toMatchObject({
      tid: 't1',
      cause: 'truncated',
      error: expect.stringContaining('expected 1000 bytes of body, got 10'),
      response: { status: 200, body_b64: Buffer.from('x'.repeat(10)).toString('base64') },
    });
  });

  it('node:http sees a hang-up, the tap says there was no answer', async () => {
    const run = await peers((message) => message.socket.end());
    const sent = run.send({ path: '/' });
    sent.end();
    await expect(answerOf(sent)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await run.over;
    expect(run.events).toHaveLength(1);
    expect(run.events[0]).toMatchObject({ cause: 'eof_before_headers', response: { status: null } });
  });

  it('a reset is told from a close', async () => {
    const run = await peers((message) => message.socket.resetAndDestroy());
    const sent = run.send({ path: '/' });
    sent.end();
    await expect(answerOf(sent)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await run.over;
    expect(run.events[0]).toMatchObject({
      cause: 'reset',
      error: expect.stringContaining('the upstream reset'),
    });
  });

  it('a client that gives up in the middle of its request', async () => {
    const run = await peers(() => {});
    const arrived = once(run.server, 'request');
    const sent = run.send({ path: '/', method: 'POST', headers: { 'content-length': 100 } });
    sent.on('error', () => {});
    sent.write('part');
    await arrived;
    sent.destroy();
    await run.over;
    expect(run.events[0]).toMatchObject({
      cause: 'eof',
      error: expect.stringContaining('expected 100 bytes of body, got 4'),
    });
  });
});
