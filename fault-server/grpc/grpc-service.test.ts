import { fileURLToPath } from 'node:url';
import {
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fixtures, open } from '../testing.ts';

const root = loadPackageDefinition(
  loadSync(['grpc/testing/test.proto', 'helloworld.proto'], {
    includeDirs: [fileURLToPath(new URL('../../protos', import.meta.url))],
    keepCase: true,
    defaults: true,
  }),
) as unknown as {
  grpc: {
    testing: { TestService: ServiceClientConstructor; UnimplementedService: ServiceClientConstructor };
  };
  helloworld: { Greeter: ServiceClientConstructor };
};
const { TestService, UnimplementedService } = root.grpc.testing;

type Outcome = {
  code: number;
  details: string;
  reply: Record<string, unknown> | null;
  headers: Metadata | null;
  trailers: Metadata | null;
};

async function client(service: ServiceClientConstructor, port: number, tls = false, options: object = {}) {
  const { ca } = await fixtures();
  const made = new service(
    `127.0.0.1:${port}`,
    tls ? credentials.createSsl(Buffer.from(ca?.cert ?? '')) : credentials.createInsecure(),
    { 'grpc.ssl_target_name_override': 'localhost', ...options },
  );
  onTestFinished(() => made.close());
  return made;
}

type Made = Awaited<ReturnType<typeof client>>;

function unary(to: Made, method: string, request: object, metadata = new Metadata()): Promise<Outcome> {
  return new Promise((resolve) => {
    const seen: Outcome = { code: 0, details: '', reply: null, headers: null, trailers: null };
    const call = (to as unknown as Record<string, (...args: unknown[]) => NodeJS.EventEmitter>)[method]!.call(
      to,
      request,
      metadata,
      (error: ServiceError | null, reply: Record<string, unknown>) => {
        seen.code = error?.code ?? 0;
        seen.details = error?.details ?? '';
        seen.reply = error ? null : reply;
      },
    );
    call.on('metadata', (headers: Metadata) => {
      seen.headers = headers;
    });
    call.on('status', (status: { metadata: Metadata }) => {
      seen.trailers = status.metadata;
      setImmediate(() => resolve(seen));
    });
  });
}

describe.each([
  ['plaintext', undefined],
  ['TLS', {}],
] as const)('gRPC endpoint over %s', (over, tls) => {
  const connect = async (service: ServiceClientConstructor) => {
    const server = await open({ kind: 'grpc', tls });
    return { server, to: await client(service, server.port, over === 'TLS') };
  };

  it('greets, and ends with the status a name asks for', async () => {
    const { server, to } = await connect(root.helloworld.Greeter);
    expect((await unary(to, 'SayHello', { name: 'Ann' })).reply).toEqual({ message: 'Hello Ann' });
    expect(await unary(to, 'SayHello', { name: 'status:7:no way' })).toMatchObject({
      code: 7,
      details: 'no way',
    });
    const requests = server.seen.filter((o) => o.observation === 'request');
    expect(requests).toMatchObject(
      Array(2).fill({
        protocol: 'grpc',
        path: '/helloworld.Greeter/SayHello',
        complete: true,
        grpc_messages: 1,
      }),
    );
  });

  it('answers the unary interoperability calls', async () => {
    const { server, to } = await connect(TestService);
    expect((await unary(to, 'EmptyCall', {})).reply).toEqual({});
    const large = await unary(to, 'UnaryCall', {
      response_size: 314_159,
      payload: { body: Buffer.alloc(271_828) },
    });
    expect(large.reply).toMatchObject({ payload: { body: Buffer.alloc(314_159) } });
    const status = {
      response_status: { code: 2, message: '\t\ntest with whitespace\r\nand Unicode BMP ☺ 😈\t\n' },
    };
    expect(await unary(to, 'UnaryCall', status)).toMatchObject({
      code: 2,
      details: status.response_status.message,
    });
    const metadata = new Metadata();
    metadata.set('x-grpc-test-echo-initial', 'test_initial_metadata_value');
    metadata.set('x-grpc-test-echo-trailing-bin', Buffer.from('ababab', 'hex'));
    const echoed = await unary(to, 'UnaryCall', { response_size: 1 }, metadata);
    expect(echoed.headers?.get('x-grpc-test-echo-initial')).toEqual(['test_initial_metadata_value']);
    expect(echoed.trailers?.get('x-grpc-test-echo-trailing-bin')).toEqual([Buffer.from('ababab', 'hex')]);
    expect(await unary(to, 'UnimplementedCall', {})).toMatchObject({ code: 12 });
    const sizes = server.seen.flatMap((o) => (o.observation === 'request' ? [o.body_bytes] : []));
    expect(sizes[1]).toBeGreaterThan(271_828);
  });

  it('answers the compressed interoperability calls', async () => {
    const { server, to } = await connect(TestService);
    const probe = {
      response_size: 10,
      payload: { body: Buffer.alloc(100) },
      expect_compressed: { value: true },
    };
    expect(await unary(to, 'UnaryCall', probe)).toMatchObject({ code: 3 });
    const gzip = await client(TestService, server.port, over === 'TLS', {
      'grpc.default_compression_algorithm': 2,
    });
    expect(await unary(gzip, 'UnaryCall', probe)).toMatchObject({ code: 0 });
    const packed = await unary(to, 'UnaryCall', {
      response_size: 50_000,
      response_compressed: { value: true },
    });
    expect(packed.reply).toMatchObject({ payload: { body: Buffer.alloc(50_000) } });
    await server.until('response');
    const sizes = server.seen.flatMap((o) => (o.observation === 'response' ? [o.body_bytes] : []));
    // 50000 zeros are 50 kB unpacked and some tens of bytes packed.
    expect(Math.max(...sizes)).toBeLessThan(1000);
  });

  it('lacks UnimplementedService', async () => {
    const { to } = await connect(UnimplementedService);
    expect(await unary(to, 'UnimplementedCall', {})).toMatchObject({ code: 12 });
  });

  it('answers the streaming interoperability calls', async () => {
    const { to } = await connect(TestService);
    const sizes = [31_415, 9, 2_653, 58_979];
    const methods = to as unknown as {
      StreamingOutputCall(request: object): ClientReadableStream<{ payload: { body: Buffer } }>;
      FullDuplexCall(): ClientDuplexStream<object, { payload: { body: Buffer } }>;
      StreamingInputCall(done: (e: unknown, reply: object) => void): ClientDuplexStream<object, never>;
    };
    const received: number[] = [];
    const output = methods.StreamingOutputCall({
      response_parameters: sizes.map((size) => ({ size, interval_us: 100 })),
    });
    for await (const { payload } of output) received.push(payload.body.length);
    expect(received).toEqual(sizes);

    const duplex = methods.FullDuplexCall();
    const pongs: number[] = [];
    duplex.on('data', ({ payload }: { payload: { body: Buffer } }) => {
      pongs.push(payload.body.length);
      const size = sizes[pongs.length];
      if (size === undefined) duplex.end();
      else duplex.write({ response_parameters: [{ size }] });
    });
    duplex.write({ response_parameters: [{ size: sizes[0] }] });
    await new Promise((resolve) => duplex.on('end', resolve));
    expect(pongs).toEqual(sizes);

    const sum = await new Promise((resolve) => {
      const input = methods.StreamingInputCall((_error, reply) => resolve(reply));
      for (const size of [27_182, 8, 1_828, 45_904]) input.write({ payload: { body: Buffer.alloc(size) } });
      input.end();
    });
    expect(sum).toEqual({ aggregated_payload_size: 74_922 });
  });
});
