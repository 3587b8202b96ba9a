import { encodeMessage } from '../../../protos/grpc/framing.ts';
import { Type } from '../../../protos/schema/type.ts';
import type { Fault } from '../fault.ts';
import { grpcFault } from './grpc-fault.ts';

type Fields = [string, string][];

const without = (fields: Fields, name: string): Fields => fields.filter(([key]) => key !== name);
const withField = (fields: Fields, name: string, value: string): Fields => [
  ...without(fields, name),
  [name, value],
];
const http2 = 'gRPC over HTTP/2: Requests';
const text = (fallback: string, description: string) =>
  Type.String({ default: fallback, maxLength: 1000, description });
const bytes = (fallback: number, description: string) =>
  Type.Integer({ default: fallback, minimum: 0, maximum: 100_000_000, description });

/** A helloworld.HelloRequest { name: "fault" }. */
const request = Buffer.from('0a056661756c74', 'hex');
const message = encodeMessage(request);

/** gRPC calls no client library makes. */
export const grpcFaults: Fault[] = [
  grpcFault(
    'grpc-cli-bad-ct',
    'Calls with a content-type that is not gRPC.',
    '415, or no gRPC at all',
    http2,
    {
      extra: { type: text('text/plain', 'The content-type.') },
      script: (usual, { type }) => ({
        fields: withField(usual, 'content-type', String(type)),
        data: [message],
      }),
    },
  ),
  grpcFault('grpc-cli-no-ct', 'Calls without a content-type.', '415, or no gRPC at all', http2, {
    script: (usual) => ({ fields: without(usual, 'content-type'), data: [message] }),
  }),
  grpcFault('grpc-cli-get', 'Calls with GET.', 'a call to refuse; some servers serve it', http2, {
    script: (usual) => ({
      fields: usual.map(([name, value]) => [name, name === ':method' ? 'GET' : value]),
      data: [message],
    }),
  }),
  grpcFault(
    'grpc-cli-no-te',
    'Calls without te: trailers.',
    'a call to serve: te tells of proxies that cannot',
    http2,
    {
      script: (usual) => ({ fields: without(usual, 'te'), data: [message] }),
    },
  ),
  grpcFault(
    'grpc-cli-unknown-method',
    'Calls a method that does not exist.',
    'UNIMPLEMENTED as Trailers-Only',
    'gRPC: statuscodes.md',
    {
      script: (usual) => ({ fields: withPath(usual, '/helloworld.Greeter/NoSuchMethod'), data: [message] }),
    },
  ),
  grpcFault(
    'grpc-cli-bad-path',
    'Calls a path that is not /service/method.',
    'UNIMPLEMENTED, or a stream error',
    http2,
    {
      extra: { as: text('no-slash', 'The :path.') },
      script: (usual, { as }) => ({ fields: withPath(usual, String(as)), data: [message] }),
    },
  ),
  grpcFault(
    'grpc-cli-big',
    'Sends a message above the limit of most servers.',
    'RESOURCE_EXHAUSTED where it is above the limit (4 MiB is usual)',
    'gRPC: statuscodes.md',
    {
      extra: { bytes: bytes(4_200_000, 'Length of the name in the request.') },
      script: (usual, { bytes }) => ({ fields: usual, data: [encodeMessage(named(Number(bytes)))] }),
    },
  ),
  grpcFault(
    'grpc-cli-truncated',
    'Announces a message longer than what follows, and half-closes.',
    'INTERNAL: the message never came whole',
    'gRPC over HTTP/2: Length-Prefixed-Message',
    {
      extra: {
        announced: Type.Integer({
          default: 100,
          minimum: 8,
          maximum: 4_294_967_295,
          description: 'The length in the prefix.',
        }),
      },
      script: (usual, { announced }) => ({
        fields: usual,
        data: [encodeMessage(request, { length: Number(announced) })],
      }),
    },
  ),
  grpcFault(
    'grpc-cli-bad-flag',
    'Sends a message whose compressed flag is neither 0 nor 1.',
    'a message to refuse; some servers take it as uncompressed',
    'gRPC over HTTP/2: Compressed-Flag',
    {
      script: (usual) => ({ fields: usual, data: [encodeMessage(request, { flag: 2 })] }),
    },
  ),
  grpcFault(
    'grpc-cli-enc-unknown',
    'Sends a message compressed by an encoding nobody knows.',
    'UNIMPLEMENTED, and grpc-accept-encoding',
    'gRPC: compression.md',
    {
      extra: { encoding: text('snappy', 'grpc-encoding.') },
      script: (usual, { encoding }) => ({
        fields: [...usual, ['grpc-encoding', String(encoding)]],
        data: [encodeMessage(request, { flag: 1 })],
      }),
    },
  ),
  grpcFault(
    'grpc-cli-flag-noenc',
    'Marks a message as compressed without a grpc-encoding.',
    'INTERNAL; some servers take it as it is',
    'gRPC: compression.md',
    {
      script: (usual) => ({ fields: usual, data: [encodeMessage(request, { flag: 1 })] }),
    },
  ),
  grpcFault(
    'grpc-cli-zero',
    'Half-closes a unary call without a message.',
    'UNIMPLEMENTED or INTERNAL: one request is part of the contract',
    'gRPC: statuscodes.md',
    {
      script: (usual) => ({ fields: usual }),
    },
  ),
  grpcFault(
    'grpc-cli-two',
    'Sends two messages to a unary method.',
    'UNIMPLEMENTED or INTERNAL: one request is part of the contract',
    'gRPC: statuscodes.md',
    {
      script: (usual) => ({ fields: usual, data: [Buffer.concat([message, message])] }),
    },
  ),
  grpcFault(
    'grpc-cli-timeout',
    'Sends a grpc-timeout of its own choice and never gives the call up itself.',
    'DEADLINE_EXCEEDED where it has passed (1n, 50m), INTERNAL where it breaks the grammar (abc, 123456789m)',
    'gRPC over HTTP/2: Timeout',
    {
      extra: { value: text('1n', 'grpc-timeout on the wire: 1n, 50m, abc, 123456789m.') },
      script: (usual, { value }) => ({
        fields: [...usual, ['grpc-timeout', String(value)]],
        data: [message],
      }),
    },
  ),
  grpcFault(
    'grpc-cli-bad-bin',
    'Sends binary metadata that is no base64.',
    'metadata to refuse or to drop; the connection stays',
    'gRPC over HTTP/2: Binary-Header',
    {
      script: (usual) => ({ fields: [...usual, ['x-fault-bin', '!!! no base64 !!!']], data: [message] }),
    },
  ),
  grpcFault(
    'grpc-cli-cancel',
    'Sends a message and cancels the call with RST_STREAM CANCEL.',
    'a cancelled call, and no answer',
    'gRPC over HTTP/2: Errors',
    {
      script: (usual) => ({ fields: usual, data: [message], end: 'cancel' }),
    },
  ),
  grpcFault(
    'grpc-cli-no-half-close',
    'Sends a message and never half-closes.',
    'a call that waits: its own deadline',
    http2,
    {
      script: (usual) => ({ fields: usual, data: [message], end: 'none' }),
    },
  ),
  grpcFault(
    'grpc-cli-ping-flood',
    'Sends many PINGs while a call is open.',
    'GOAWAY too_many_pings where pings are policed; else every PING acknowledged',
    'gRPC: A8 client-side keepalive',
    {
      extra: { n: bytes(30, 'PING frames.') },
      script: (usual, { n }) => ({ fields: usual, data: [message], pings: Number(n) }),
    },
  ),
  grpcFault(
    'grpc-cli-big-metadata',
    'Sends metadata of a chosen size.',
    'the call as it is, or RESOURCE_EXHAUSTED where a limit (8 KiB is usual) is passed',
    'RFC 9113 10.5.1',
    {
      extra: { bytes: bytes(9000, 'Length of the value: 9000, 20000, 70000.') },
      script: (usual, { bytes }) => ({
        fields: [...usual, ['x-large', 'x'.repeat(Number(bytes))]],
        data: [message],
      }),
    },
  ),
];

function withPath(fields: Fields, path: string): Fields {
  return fields.map(([name, value]) => [name, name === ':path' ? path : value]);
}

/** A HelloRequest with a name of so many letters. */
function named(length: number): Buffer {
  const varint: number[] = [];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    varint.push(rest < 128 ? rest : (rest % 128) + 128);
    if (rest < 128) break;
  }
  return Buffer.concat([Buffer.from([0x0a, ...varint]), Buffer.alloc(length, 'x')]);
}
