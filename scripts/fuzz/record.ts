/**
 * Writes transcripts of real connections to the corpus: Node's own HTTP/1.1 and HTTP/2, and grpc-js, over a relay that keeps
 * what passed. Run it again when Node or grpc-js speak differently: `node scripts/fuzz/record.ts [--out DIR]`.
 */
import { once } from 'node:events';
import { globSync, rmSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Step } from '../../protos/testing/fuzz-target.ts';
import { corpusFolder, keepInput } from './corpus.ts';

const { values } = parseArgs({ options: { out: { type: 'string', default: corpusFolder } } });
const sides = ['client', 'upstream'] as const;

keep('h1-tap', 'http-module', await recorded(http1Server(), talkHttp1));
keep('h2-tap', 'http2-module', await recorded(http2Server(), talkHttp2));
const grpcServer = await openGrpcServer();
keep('h2-tap', 'grpc-js', await recordedPort(grpcServer.port, talkGrpc));
grpcServer.stop();

function keep(target: string, name: string, steps: Step[]): void {
  // A name is made of the bytes, and those of ports and streams differ each time.
  for (const old of globSync(`${name}-*.txt`, { cwd: join(values.out, target) }))
    rmSync(join(values.out, target, old));
  keepInput(target, sides, steps, { why: name, comment: '', folder: values.out });
}

async function recorded(server: Server, talk: (port: number) => Promise<void>): Promise<Step[]> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const steps = await recordedPort((server.address() as AddressInfo).port, talk);
  server.close();
  return steps;
}

/** What passed between `talk` and the server on `port`, in its order. */
async function recordedPort(port: number, talk: (port: number) => Promise<void>): Promise<Step[]> {
  const steps: Step[] = [];
  const relay = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    client.on('data', (bytes) => steps.push({ from: 0, bytes }));
    upstream.on('data', (bytes) => steps.push({ from: 1, bytes }));
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on('error', () => relay.close());
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  await talk((relay.address() as AddressInfo).port);
  relay.close();
  return steps;
}

function http1Server(): Server {
  return http.createServer((request, response) => {
    response.sendDate = false;
    request.resume().on('end', () => {
      if (request.url === '/chunks') {
        response.writeEarlyHints({ link: '</a>; rel=preload' });
        response.setHeader('Trailer', 'x-t');
        response.write('one');
        response.addTrailers({ 'x-t': '1' });
      }
      response.end('hello');
    });
  });
}

async function talkHttp1(port: number): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (const [method, path] of [
    ['GET', '/?tid=a'],
    ['POST', '/chunks'],
    ['HEAD', '/'],
  ] as const) {
    const request = http.request({ port, host: '127.0.0.1', agent, method, path });
    if (method === 'POST') request.write('some');
    request.end(method === 'POST' ? 'body' : undefined);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    await once(response.resume(), 'end');
  }
  agent.destroy();
}

function http2Server(): Server {
  const server = http2.createServer();
  server.on('stream', (stream, headers) => {
    // The reset is meant.
    stream.on('error', () => {});
    if (headers[':path'] === '/reset') stream.close(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
    else if (headers[':path'] === '/push') {
      stream.pushStream({ ':path': '/pushed' }, (_error, pushed) => {
        pushed.respond({ ':status': 200 });
        pushed.end('pushed');
        stream.respond();
        stream.end('pushing');
      });
    } else {
      stream.additionalHeaders({ ':status': 103 });
      stream.respond({ ':status': 200, 'content-length': 5 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-t': '1' }));
      stream.end('hello');
    }
  });
  return server as unknown as Server;
}

async function talkHttp2(port: number): Promise<void> {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  session.on('stream', (pushed) => pushed.resume());
  for (const path of ['/?tid=a', '/?tid=b', '/push', '/reset']) {
    const stream = session.request({ ':method': 'POST', ':path': path, 'x-request-id': path.repeat(3) });
    stream.on('error', () => {});
    stream.end('body');
    stream.resume();
    // Not once(): it would fail of the error, which is meant here.
    await new Promise((resolve) => stream.once('close', resolve));
  }
  session.close();
  await once(session, 'close');
}

type Greeter = grpc.Client & {
  sayHello(request: { name: string }, done: (error: grpc.ServiceError | null) => void): void;
};

function greeter() {
  const proto = fileURLToPath(new URL('../../protos/helloworld.proto', import.meta.url));
  const loaded = grpc.loadPackageDefinition(loadSync(proto)) as unknown as {
    helloworld: { Greeter: grpc.ServiceClientConstructor };
  };
  return loaded.helloworld.Greeter;
}

async function openGrpcServer(): Promise<{ port: number; stop(): void }> {
  const server = new grpc.Server();
  server.addService(greeter().service, {
    sayHello(call: { request: { name: string } }, done: grpc.sendUnaryData<{ message: string }>) {
      if (call.request.name === '') done({ code: grpc.status.INVALID_ARGUMENT, details: 'a name, please\n' });
      else done(null, { message: `Hello ${call.request.name}` });
    },
  });
  const bind = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
    error ? bind.reject(error) : bind.resolve(port),
  );
  return { port: await bind.promise, stop: () => server.forceShutdown() };
}

async function talkGrpc(port: number): Promise<void> {
  const Client = greeter();
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure()) as unknown as Greeter;
  for (const name of ['one', 'two', '']) {
    await new Promise<void>((resolve) => client.sayHello({ name }, () => resolve()));
  }
  client.close();
}
