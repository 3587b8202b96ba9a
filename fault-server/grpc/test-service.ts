import {
  Metadata,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';

type EchoStatus = { code: number; message: string } | null;
type Payload = { type: string; body: Buffer };
type SimpleRequest = { response_type: string; response_size: number; response_status: EchoStatus };
type SimpleResponse = { payload?: Payload };
type OutputRequest = {
  response_type: string;
  response_parameters: { size: number; interval_us: number }[];
  response_status: EchoStatus;
};
type InputRequest = { payload: Payload | null };
type OutputCall = ServerWritableStream<OutputRequest, SimpleResponse>;
type DuplexCall = ServerDuplexStream<OutputRequest, SimpleResponse>;

/**
 * grpc.testing.TestService as the interoperability test descriptions say (grpc/grpc doc/interop-test-descriptions.md).
 * Compressed answers are left out: the server of grpc-js has none. UnimplementedCall is left out on purpose.
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
    let bytes = 0;
    call.on('data', ({ payload }: InputRequest) => {
      bytes += payload?.body.length ?? 0;
    });
    call.on('end', () => reply(null, { aggregated_payload_size: bytes }, trailers));
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
  if (asked && asked.code !== 0) reply({ code: asked.code, details: asked.message, metadata: trailers });
  else reply(null, { payload: { type, body: Buffer.alloc(Math.max(0, size)) } }, trailers);
}

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
