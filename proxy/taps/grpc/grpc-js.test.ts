import { fileURLToPath } from 'node:url';
import {
  Client,
  credentials,
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import { expect, test } from 'vitest';
import { pipe } from '../h2/piped.fixture.ts';
import { recordingTap } from '../h2/recording.fixture.ts';

const protos = fileURLToPath(new URL('../../../protos', import.meta.url));
const greeter = loadSync('helloworld.proto', { includeDirs: [protos] })[
  'helloworld.Greeter'
] as ServiceDefinition;

type Name = { name: string };
type Unary = (call: ServerUnaryCall<Name, unknown>, answer: sendUnaryData<unknown>) => void;
type Bidi = (call: ServerDuplexStream<Name, unknown>) => void;

/** grpc-js on both ends with the tap between; resolves when the connection is over. */
async function between(
  handlers: { SayHello?: Unary; SayHelloBidiStream?: Bidi },
  talk: (client: Client) => Promise<void>,
) {
  const recording = recordingTap();
  const server = new Server();
  server.addService(greeter, handlers);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const relay = await pipe(port, recording.tap);
  const client = new Client(`127.0.0.1:${relay.port}`, credentials.createInsecure());
  await talk(client);
  client.close();
  await relay.over;
  relay.stop();
  server.forceShutdown();
  return recording;
}

function unary(client: Client, method: MethodDefinition<unknown, unknown>, metadata = new Metadata()) {
  return new Promise<number>((resolve) => {
    const { path, requestSerialize, responseDeserialize } = method;
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { name: 'x' }, metadata, (error) =>
      resolve(error?.code ?? 0),
    );
  });
}

const sayHello = greeter.SayHello as MethodDefinition<unknown, unknown>;

test('a unary call: service, method, one message each way, status from the trailers', async () => {
  const metadata = new Metadata();
  metadata.set('x-tid', 'grpc_unary');
  const { events } = await between(
    { SayHello: (_call, answer) => answer(null, { message: 'hi' }) },
    async (client) => {
      expect(await unary(client, sayHello, metadata)).toBe(0);
    },
  );
  expect(events.length).toBe(1);
  expect(events[0]).toMatchObject({
    protocol: 'grpc',
    request: {
      path: '/helloworld.Greeter/SayHello',
      grpc_service: 'helloworld.Greeter',
      grpc_method: 'SayHello',
    },
    response: { status: 200 },
    bytes_in: 8,
    bytes_out: 9,
    grpc_status: 0,
    grpc_request_messages: 1,
    grpc_response_messages: 1,
    grpc_timeout_ms: null,
    trailers_only: false,
    tid: 'grpc_unary',
    error: null,
    cause: null,
    anomalies: [],
  });
  expect(events[0]!.response.trailers[0]).toEqual(['grpc-status', '0']);
});

test('a status with a message that needs percent-encoding', async () => {
  const { events } = await between(
    { SayHello: (_call, answer) => answer({ code: 9, details: 'größer als 100%\n' }) },
    async (client) => {
      expect(await unary(client, sayHello)).toBe(9);
    },
  );
  expect(events[0]).toMatchObject({
    grpc_status: 9,
    grpc_message: 'größer als 100%\n',
    error: null,
    anomalies: [],
  });
});

test('an unknown method is answered by Trailers-Only', async () => {
  const { events } = await between({}, async (client) => {
    const unknown = { ...sayHello, path: '/helloworld.Greeter/Nope?tid=only' };
    expect(await unary(client, unknown)).toBe(12);
  });
  expect(events[0]).toMatchObject({
    trailers_only: true,
    grpc_status: 12,
    grpc_response_messages: 0,
    request: { grpc_service: 'helloworld.Greeter', grpc_method: 'Nope' },
    response: { trailers: [] },
    tid: 'only',
  });
});

test('grpc-timeout is read, and a client that gives up resets with CANCEL', async () => {
  const arrived = Promise.withResolvers<void>();
  const { events } = await between({ SayHello: () => arrived.resolve() }, async (client) => {
    const { path, requestSerialize, responseDeserialize } = sayHello;
    const status = Promise.withResolvers<number | undefined>();
    const call = client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { name: 'x' },
      new Metadata(),
      { deadline: Date.now() + 60_000 },
      (error) => status.resolve(error?.code),
    );
    await arrived.promise;
    call.cancel();
    expect(await status.promise).toBe(1);
  });
  expect(events[0]).toMatchObject({
    protocol: 'grpc',
    error: 'downstream reset: 8',
    cause: 'h2_rst:CANCEL',
    grpc_status: null,
    grpc_request_messages: 1,
    anomalies: [],
  });
  expect(events[0]!.grpc_timeout_ms).toBeGreaterThan(0);
  expect(events[0]!.grpc_timeout_ms).toBeLessThanOrEqual(60_000);
});

test('streams of messages both ways are counted', async () => {
  const { events } = await between(
    {
      SayHelloBidiStream: (call) => {
        call.on('data', ({ name }: Name) => {
          call.write({ message: name });
          call.write({ message: name.repeat(20_000) });
        });
        call.on('end', () => call.end());
      },
    },
    async (client) => {
      const method = greeter.SayHelloBidiStream as MethodDefinition<unknown, unknown>;
      const call = client.makeBidiStreamRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
      );
      for (let n = 0; n < 7; n++) call.write({ name: `message ${n}` });
      call.end();
      call.resume();
      await new Promise((resolve) => call.once('status', resolve));
    },
  );
  expect(events[0]).toMatchObject({
    grpc_request_messages: 7,
    grpc_response_messages: 14,
    grpc_status: 0,
    trailers_only: false,
    anomalies: [],
  });
});
