import {
  Metadata,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  status as Status,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { compressionOf } from './call-compression.ts';

type EchoStatus = { code: number; message: string } | null;
type Payload = { type: string; body: Buffer };
type BoolValue = { value: boolean } | null;
type SimpleRequest = {
  response_type: string;
  response_size: number;
  response_status: EchoStatus;
  response_compressed: BoolValue;
  expect_compressed: BoolValue;
};
type SimpleResponse = { payload?: Payload };
type OutputRequest = {
  response_type: string;
  response_parameters: { size: number; interval_us: number; compressed: BoolValue }[];
  response_status: EchoStatus;
};
type InputRequest = { payload: Payload | null; expect_compressed: BoolValue };
type OutputCall = ServerWritableStream<OutputRequest, SimpleResponse>;
type DuplexCall = ServerDuplexStream<OutputRequest, SimpleResponse>;

/**
 * grpc.testing.TestService as the interoperability test descriptions say (grpc/grpc doc/interop-test-descriptions.md).
 * UnimplementedCall is left out on purpose.
 */
export const testService = {
  EmptyCall: (call: ServerUnaryCall<object, object>, reply: sendUnaryData<object>) => {
    const trailers = echoMetadata(call);
    reply(null, {}, trailers);
  },
  UnaryCall: unary,
  CacheableUnaryCall: unary,
  StreamingOutputCall: (call: OutputCall) => {
    const trailers = echoMetadata(call);
    void output(call, call.request).then(
      (alive) => alive && finish(call, call.request.response_status, trailers),
    );
  },
  StreamingInputCall: (
    call: ServerReadableStream<InputRequest, { aggregated_payload_size: number }>,
    reply: sendUnaryData<{ aggregated_payload_size: number }>,
  ) => {
    const trailers = echoMetadata(call);
    const { received } = compressionOf(call.metadata);
    let bytes = 0;
    let refused = false;
    call.on('data', ({ payload, expect_compressed: expected }: InputRequest) => {
      bytes += payload?.body.length ?? 0;
      if (notAsExpected(expected, received.shift()) && !refused) {
        refused = true;
        reply(NOT_COMPRESSED);
      }
    });
    call.on('end', () => {
      if (!refused) reply(null, { aggregated_payload_size: bytes }, trailers);
    });
  },
  FullDuplexCall: (call: DuplexCall) => {
    const trailers = echoMetadata(call);
    let before: Promise<boolean> = Promise.resolve(true);
    call.on('data', (request: OutputRequest) => {
      before = before.then(async (alive) => {
        if (!alive || !(await output(call, request))) return false;
        if ((request.response_status?.code ?? 0) === 0) return true;
        finish(call, request.response_status, trailers);
        return false;
      });
    });
    call.on('end', () => void before.then((alive) => alive && finish(call, null, trailers)));
  },
  HalfDuplexCall: (call: DuplexCall) => {
    const trailers = echoMetadata(call);
    const requests: OutputRequest[] = [];
    call.on('data', (request: OutputRequest) => requests.push(request));
    call.on('end', async () => {
      for (const request of requests) if (!(await output(call, request))) return;
      finish(call, requests.at(-1)?.response_status ?? null, trailers);
    });
  },
};

function unary(
  call: ServerUnaryCall<SimpleRequest, SimpleResponse>,
  reply: sendUnaryData<SimpleResponse>,
): void {
  const { response_size: size, response_type: type, response_status: asked } = call.request;
  const trailers = echoMetadata(call);
  const { received, send } = compressionOf(call.metadata);
  if (notAsExpected(call.request.expect_compressed, received.shift())) {
    reply(NOT_COMPRESSED);
    return;
  }
  send.push(call.request.response_compressed?.value ?? false);
  if (asked && asked.code !== 0) reply({ code: asked.code, details: asked.message, metadata: trailers });
  else reply(null, { payload: { type, body: Buffer.alloc(Math.max(0, size)) } }, trailers);
}

/** client_compressed_unary: a message said to be compressed must be. */
function notAsExpected(expected: BoolValue, compressed: boolean | undefined): boolean {
  return expected?.value === true && compressed !== true;
}

const NOT_COMPRESSED = { code: Status.INVALID_ARGUMENT, details: 'the message is not compressed' };

/** custom_metadata: the initial value comes back in the headers, the binary one in the trailers. */
function echoMetadata(call: { metadata: Metadata; sendMetadata(metadata: Metadata): void }): Metadata {
  const initial = call.metadata.get('x-grpc-test-echo-initial');
  if (initial.length > 0) {
    const headers = new Metadata();
    for (const value of initial) headers.add('x-grpc-test-echo-initial', value);
    call.sendMetadata(headers);
  }
  const trailers = new Metadata();
  for (const value of call.metadata.get('x-grpc-test-echo-trailing-bin')) {
    trailers.add('x-grpc-test-echo-trailing-bin', value);
  }
  return trailers;
}

/** Writes the responses asked for, each after its pause. False when the call was cancelled meanwhile. */
async function output(call: OutputCall | DuplexCall, request: OutputRequest): Promise<boolean> {
  const { send } = compressionOf(call.metadata);
  // All at once, before the header fields of the answer go and name the encoding.
  send.push(...request.response_parameters.map(({ compressed }) => compressed?.value ?? false));
  for (const { size, interval_us: intervalUs } of request.response_parameters) {
    if (intervalUs > 0) await pause(call, intervalUs / 1000);
    if (call.cancelled) return false;
    call.write({ payload: { type: request.response_type, body: Buffer.alloc(Math.max(0, size)) } });
  }
  return !call.cancelled;
}

function pause(call: OutputCall | DuplexCall, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    call.once('cancelled', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function finish(call: OutputCall | DuplexCall, asked: EchoStatus, trailers: Metadata): void {
  if (asked && asked.code !== 0) {
    call.emit('error', { code: asked.code, details: asked.message, metadata: trailers });
  } else call.end(trailers);
}
