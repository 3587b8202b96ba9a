import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { encodeMessage } from '../../protos/grpc/framing.ts';
import { encodeGrpcMessage } from '../../protos/grpc/message-encoding.ts';
import { encodeContinuation, encodeHeaders } from '../../protos/h2/frames.ts';
import type { H2Answer } from './h2-fault.ts';
import type { H2Request } from './h2-request.ts';

/** The header fields of a gRPC answer. */
export function grpcFields(): [string, string][] {
  return [
    [':status', '200'],
    ['content-type', 'application/grpc'],
  ];
}

/** The trailers of a gRPC answer. */
export function grpcTrailers(code: number, message = ''): [string, string][] {
  const status: [string, string][] = [['grpc-status', String(code)]];
  return message === '' ? status : [...status, ['grpc-message', encodeGrpcMessage(message)]];
}

/**
 * The length-prefixed reply to a call: a HelloReply for the Greeter, else a SimpleResponse with the payload asked for,
 * 314159 bytes where the request does not say (the large_unary of the interoperability tests).
 */
export function grpcReply(request: H2Request): Buffer {
  const types = messageTypes();
  const message = request.body.subarray(5);
  if (request.field(':path')?.startsWith('/helloworld.')) {
    const { name } = decode(types.HelloRequest, message) as { name?: string };
    return encodeMessage(types.HelloReply.encode({ message: `Hello ${name ?? ''}` }).finish());
  }
  const { responseSize } = decode(types.SimpleRequest, message) as { responseSize?: number };
  const body = Buffer.alloc(Math.min(responseSize || LARGE_REPLY_BYTES, MAX_REPLY_BYTES));
  return encodeMessage(types.SimpleResponse.encode({ payload: { body } }).finish());
}

/** A good answer to a unary call; `done` is called once it is written. */
export function answerGrpc(answer: H2Answer, done: () => void = () => {}): void {
  const { peer, request } = answer;
  peer.headers(request.id, grpcFields());
  peer.data(request.id, grpcReply(request), {}, () => {
    peer.headers(request.id, grpcTrailers(0), { endStream: true });
    done();
  });
}

/** HEADERS and as many CONTINUATION frames as the block needs: one frame holds 16384 bytes (RFC 9113 4.2). */
export function headersInFrames(answer: H2Answer, fields: [string, string][], endStream: boolean): void {
  const { peer, request } = answer;
  request.answered(fields);
  const block = peer.encoder.encode(fields);
  const first = block.subarray(0, defaultMaxFrameBytes);
  peer.send(encodeHeaders(request.id, first, { endStream, endHeaders: first.length === block.length }));
  for (let at = first.length; at < block.length; at += defaultMaxFrameBytes) {
    const end = at + defaultMaxFrameBytes;
    peer.send(encodeContinuation(request.id, block.subarray(at, end), end >= block.length));
  }
  if (endStream) peer.finished(request.id);
}

/** SETTINGS_MAX_FRAME_SIZE where the peer said nothing else (RFC 9113 6.5.2). */
const defaultMaxFrameBytes = 16_384;
const LARGE_REPLY_BYTES = 314_159;
const MAX_REPLY_BYTES = 64 << 20;

/** The request is a stranger's: what cannot be decoded is as good as empty. */
function decode(type: protobuf.Type, bytes: Buffer): object {
  try {
    return type.decode(bytes);
  } catch {
    return {};
  }
}

let loaded: Record<'HelloRequest' | 'HelloReply' | 'SimpleRequest' | 'SimpleResponse', protobuf.Type> | null =
  null;

function messageTypes() {
  if (loaded) return loaded;
  const root = new protobuf.Root();
  const protos = fileURLToPath(new URL('../../protos/', import.meta.url));
  root.resolvePath = (_origin, target) => (target.startsWith(protos) ? target : `${protos}${target}`);
  root.loadSync(['helloworld.proto', 'grpc/testing/messages.proto']);
  loaded = {
    HelloRequest: root.lookupType('helloworld.HelloRequest'),
    HelloReply: root.lookupType('helloworld.HelloReply'),
    SimpleRequest: root.lookupType('grpc.testing.SimpleRequest'),
    SimpleResponse: root.lookupType('grpc.testing.SimpleResponse'),
  };
  return loaded;
}
