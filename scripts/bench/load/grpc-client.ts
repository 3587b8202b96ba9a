/** One gRPC connection of the load: calls and one long stream, whole frames by hand. */
import { once } from 'node:events';
import tls from 'node:tls';
import { encodeMessage } from '../../../protos/grpc/framing.ts';
import { messageBytes } from '../sizes.ts';
import {
  blockOf,
  endHeaders,
  endStream,
  frame,
  frameReader,
  opening,
  preface,
  types,
  windowStep,
  windowUpdate,
} from './h2-wire.ts';

export type GrpcClient = {
  /** Begins a unary call; its stream is told to `onEnd` when it is answered. Sent at the next flush. */
  call: () => number;
  /** Begins a stream that stays open. */
  openStream: () => number;
  /** One message on an open stream. */
  message: (streamId: number) => void;
  flush: () => void;
  close: () => void;
};

export type Heard = {
  /** The answer of a call is complete. */
  onEnd?: (streamId: number) => void;
  /** Bytes of messages, prefixes included. */
  onData?: (streamId: number, bytes: number) => void;
  /** The connection or a stream broke. */
  onBroken: (why: string) => void;
};

const message = encodeMessage(Buffer.alloc(messageBytes, 'm'));
const request = blockOf([
  [':method', 'POST'],
  [':scheme', 'https'],
  [':path', '/helloworld.Greeter/SayHello'],
  [':authority', 'localhost'],
  ['te', 'trailers'],
  ['content-type', 'application/grpc'],
  ['user-agent', 'wiretracer-bench'],
]);

export async function connectGrpc(port: number, heard: Heard): Promise<GrpcClient> {
  const socket = tls.connect({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ALPNProtocols: ['h2'],
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  socket.setNoDelay(true);
  let closing = false;
  let nextId = 1;
  let out: Buffer[] = [preface, opening()];
  let unacknowledged = 0;
  const read = frameReader(
    (type, flags, streamId, payload) => {
      if (type === types.rstStream || type === types.goaway) return heard.onBroken(`frame of type ${type}`);
      if (type === types.data) {
        heard.onData?.(streamId, payload.length);
        acknowledge(streamId, payload.length, (flags & endStream) !== 0);
      }
      if ((flags & endStream) !== 0 && type <= types.headers) heard.onEnd?.(streamId);
    },
    (bytes) => socket.write(bytes),
  );
  socket.on('data', read);
  socket.on('error', (error) => heard.onBroken(error.message));
  socket.on('close', () => closing || heard.onBroken('the connection ended'));

  function acknowledge(streamId: number, bytes: number, ended: boolean): void {
    unacknowledged += bytes;
    if (unacknowledged < windowStep) return;
    socket.write(windowUpdate(0, unacknowledged));
    if (!ended) socket.write(windowUpdate(streamId, unacknowledged));
    unacknowledged = 0;
  }

  function begin(): number {
    const id = nextId;
    nextId += 2;
    out.push(frame(types.headers, endHeaders, id, id === 1 ? request.first : request.later));
    return id;
  }

  function flush(): void {
    if (out.length === 0) return;
    socket.write(out.length === 1 ? out[0]! : Buffer.concat(out));
    out = [];
  }

  flush();
  return {
    call() {
      const id = begin();
      out.push(frame(types.data, endStream, id, message));
      return id;
    },
    openStream: begin,
    message(streamId) {
      out.push(frame(types.data, 0, streamId, message));
    },
    flush,
    close() {
      closing = true;
      socket.destroy();
    },
  };
}
