import grpc from '@grpc/grpc-js';
import type { Call, CallOptions, Received } from '../grpc/channel.ts';
import { MessageQueue } from '../grpc/message-queue.ts';
import type { Message, Method } from '../grpc/schema.ts';
import type { Status } from '../grpc/status.ts';
import { RunError } from '../run/run-error.ts';

type Final = Status & { trailers: [string, string][] };
type AnyCall = grpc.ClientUnaryCall & Partial<grpc.ClientDuplexStream<object, Message>>;

/** grpc-js's WriteFlags.NoCompress, which it does not export. */
const noCompress = 2;

/** One RPC by grpc-js, made with the library's own function for its kind. */
export function nativeCall(client: grpc.Client, method: Method, options: CallOptions): Call {
  const { exchange } = options;
  const queue = new MessageQueue<Received>();
  const initial = Promise.withResolvers<[string, string][]>();
  const final = Promise.withResolvers<Final>();
  const sent = Promise.withResolvers<void>();
  exchange.grpcMessages = 0;
  let call: AnyCall | null = null;
  let cancelled = false;
  let status: grpc.StatusObject | null = null;
  let ended = false;

  const finish = (): void => {
    if (!status || !ended) return;
    exchange.grpcStatus = status.code;
    exchange.grpcMessage = status.details;
    exchange.trailers = pairs(status.metadata);
    // What the library itself gives as the status of a broken transport has no trailers of a server behind it.
    exchange.complete = status.code === 0;
    queue.end();
    initial.resolve([]);
    final.resolve({ code: status.code, message: status.details, trailers: exchange.trailers });
  };
  const end = (): void => {
    ended = true;
    finish();
  };
  const encode = (message: object): Buffer => {
    const bytes = method.encode(message);
    exchange.sent(bytes);
    return bytes;
  };
  const decode = (bytes: Buffer): Message => {
    exchange.grpcMessages = (exchange.grpcMessages ?? 0) + 1;
    exchange.received(bytes);
    return method.decode(bytes);
  };
  const take = (message: Message): void => queue.put({ message, compressed: null });
  const answer = (_error: grpc.ServiceError | null, message?: Message): void => {
    if (message) take(message);
    end();
  };
  const follow = (started: AnyCall): AnyCall => {
    started.on('metadata', (metadata: grpc.Metadata) => {
      exchange.headers = pairs(metadata);
      initial.resolve(exchange.headers);
    });
    started.on('status', (given: grpc.StatusObject) => {
      status = given;
      finish();
    });
    started.on('data', take);
    started.on('end', end);
    started.on('error', end);
    return started;
  };

  const metadata = metadataOf(options.metadata ?? []);
  const callOptions: grpc.CallOptions =
    options.deadlineMs === undefined ? {} : { deadline: Date.now() + options.deadlineMs };
  const start = (first?: object): AnyCall => {
    const path = method.path;
    if (method.clientStreams && method.serverStreams)
      return follow(
        client.makeBidiStreamRequest(path, encode, decode, metadata, callOptions) as unknown as AnyCall,
      );
    // A message's compression is only in the hands of the caller where the library streams requests; the wire is the same.
    if (method.clientStreams || options.gzip)
      return follow(
        client.makeClientStreamRequest(
          path,
          encode,
          decode,
          metadata,
          callOptions,
          answer as never,
        ) as unknown as AnyCall,
      );
    if (method.serverStreams)
      return follow(
        client.makeServerStreamRequest(
          path,
          encode,
          decode,
          first ?? {},
          metadata,
          callOptions,
        ) as unknown as AnyCall,
      );
    return follow(
      client.makeUnaryRequest(
        path,
        encode,
        decode,
        first ?? {},
        metadata,
        callOptions,
        answer as never,
      ) as unknown as AnyCall,
    );
  };
  const streams = method.clientStreams || options.gzip === true;
  let single: object | undefined;
  if (streams) call = start();

  return {
    send: (message, { compress = false } = {}) => {
      if (!streams) single = message;
      // grpc-js takes the write flags of a message as its "encoding".
      else call?.write?.(message, (compress ? 0 : noCompress) as never);
    },
    end: () => {
      if (cancelled) return;
      if (streams) call?.end?.();
      else call = start(single);
      sent.resolve();
    },
    cancel: () => {
      cancelled = true;
      if (call) call.cancel();
      else final.reject(new RunError('request', 'NOT_STARTED', 'cancelled before the request was whole'));
    },
    sent: sent.promise,
    next: () => queue.next(),
    initialMetadata: initial.promise,
    status: final.promise,
  };
}

/** Binary values as the base64 they are on the wire. */
function pairs(metadata: grpc.Metadata): [string, string][] {
  return Object.entries(metadata.getMap()).flatMap(([name]) =>
    metadata
      .get(name)
      .map((value): [string, string] => [name, typeof value === 'string' ? value : value.toString('base64')]),
  );
}

function metadataOf(given: [string, string][]): grpc.Metadata {
  const metadata = new grpc.Metadata();
  for (const [name, value] of given)
    metadata.add(name, name.endsWith('-bin') ? Buffer.from(value, 'base64') : value);
  return metadata;
}
