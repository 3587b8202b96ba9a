import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
import type { Fixtures } from './run-spec.ts';

const protos = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'protos');

type Fields = Record<string, unknown>;
type Status = { code: number; message: string };

/** The interop service by grpc-js, as independent of this client as a peer can be. Returns `host:port`. */
export async function openGrpcPeer(
  fixtures: Fixtures,
  options: grpc.ServerOptions = {},
): Promise<{ target: string; peers: string[]; close(): void }> {
  const definition = protoLoader.loadSync(['helloworld.proto', 'grpc/testing/test.proto'], {
    includeDirs: [protos],
    keepCase: true,
    defaults: true,
  });
  const loaded = grpc.loadPackageDefinition(definition) as unknown as {
    helloworld: { Greeter: grpc.ServiceClientConstructor };
    grpc: { testing: { TestService: grpc.ServiceClientConstructor } };
  };
  const peers: string[] = [];
  const server = new grpc.Server(options);
  server.addService(loaded.helloworld.Greeter.service, {
    SayHello: (call: grpc.ServerUnaryCall<Fields, Fields>, done: grpc.sendUnaryData<Fields>) => {
      peers.push(call.getPeer());
      done(null, { message: `Hello ${call.request.name}` });
    },
  });
  const service = { ...loaded.grpc.testing.TestService.service };
  delete (service as Fields).UnimplementedCall;
  server.addService(service, testService);
  const { cert, key } = fixtures.certificates.get('server');
  const credentials = grpc.ServerCredentials.createSsl(null, [
    { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) },
  ]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { target: `127.0.0.1:${port}`, peers, close: () => server.forceShutdown() };
}

const testService = {
  EmptyCall: (_call: unknown, done: grpc.sendUnaryData<Fields>) => done(null, {}),
  UnaryCall: (call: grpc.ServerUnaryCall<Fields, Fields>, done: grpc.sendUnaryData<Fields>) => {
    const trailers = echo(call);
    const status = call.request.response_status as Status | null;
    if (status?.code) done({ code: status.code, details: status.message, metadata: trailers });
    else done(null, { payload: payload(Number(call.request.response_size)) }, trailers);
  },
  StreamingOutputCall: (call: grpc.ServerWritableStream<Fields, Fields>) => {
    for (const { size } of call.request.response_parameters as { size: number }[])
      call.write({ payload: payload(size) });
    call.end();
  },
  StreamingInputCall: (call: grpc.ServerReadableStream<Fields, Fields>, done: grpc.sendUnaryData<Fields>) => {
    let bytes = 0;
    call.on('data', (message: { payload: { body: Buffer } }) => {
      bytes += message.payload.body.length;
    });
    call.on('end', () => done(null, { aggregated_payload_size: bytes }));
  },
  FullDuplexCall: (call: grpc.ServerDuplexStream<Fields, Fields>) => {
    const trailers = echo(call);
    call.on(
      'data',
      (message: { response_parameters: { size: number }[]; response_status: Status | null }) => {
        if (message.response_status?.code)
          call.emit('error', {
            code: message.response_status.code,
            details: message.response_status.message,
          });
        else for (const { size } of message.response_parameters) call.write({ payload: payload(size) });
      },
    );
    call.on('end', () => call.end(trailers));
  },
};

function payload(bytes: number): Fields {
  return { type: 'COMPRESSABLE', body: Buffer.alloc(bytes) };
}

function echo(call: { metadata: grpc.Metadata; sendMetadata(metadata: grpc.Metadata): void }): grpc.Metadata {
  const [initial, trailers] = [new grpc.Metadata(), new grpc.Metadata()];
  for (const value of call.metadata.get('x-grpc-test-echo-initial'))
    initial.add('x-grpc-test-echo-initial', value);
  for (const value of call.metadata.get('x-grpc-test-echo-trailing-bin'))
    trailers.add('x-grpc-test-echo-trailing-bin', value);
  if (Object.keys(initial.getMap()).length > 0) call.sendMetadata(initial);
  return trailers;
}
