import { RunError } from '../run/run-error.ts';
import type { Call, CallOptions, Received } from './channel.ts';
import type { H2Client } from './h2-client.ts';
import type { H2Stream } from './h2-stream.ts';
import { FramingError, frameMessage, MessageReader } from './message-framing.ts';
import { MessageQueue } from './message-queue.ts';
import type { Method } from './schema.ts';
import { decodeMessage, type Status, statusName, statusOfHttp, statusOfRst } from './status.ts';

/** One RPC on an HTTP/2 stream of our own (grpc/doc/PROTOCOL-HTTP2.md). */
export function emulatedCall(
  client: H2Client,
  method: Method,
  options: CallOptions,
  target: { scheme: string; authority: string },
): Call {
  const { exchange } = options;
  const reader = new MessageReader();
  const queue = new MessageQueue<Received>();
  const initial = Promise.withResolvers<[string, string][]>();
  const final = Promise.withResolvers<Status & { trailers: [string, string][] }>();
  exchange.grpcMessages = 0;
  let finished = false;
  let deadline: NodeJS.Timeout | undefined;

  const finish = (code: number, message: string, trailers: [string, string][] = []): void => {
    if (finished) return;
    finished = true;
    clearTimeout(deadline);
    exchange.grpcStatus = code;
    exchange.grpcMessage = message;
    queue.end();
    initial.resolve([]);
    final.resolve({ code, message, trailers });
  };
  /** A status no server sent: the transport failed, and the exchange says so. */
  const broken = (code: number, error: Error): void => {
    exchange.fail(error);
    finish(code, error.message);
  };
  /** The peer's answer is unusable: give the stream up and say why. */
  const abort = (error: FramingError): void => {
    stream.cancel();
    broken(error.status, new RunError('response', `GRPC_${statusName(error.status)}`, error.message));
  };
  const ended = (fields: [string, string][]): void => {
    exchange.complete = true;
    const status = fieldValue(fields, 'grpc-status');
    const message = decodeMessage(fieldValue(fields, 'grpc-message') ?? '');
    if (status !== undefined) {
      finishWith(Number(status), message, fields);
      return;
    }
    if (exchange.status !== 200) {
      finish(
        statusOfHttp(exchange.status ?? 0),
        `HTTP status ${exchange.status} without grpc-status`,
        fields,
      );
      return;
    }
    finish(2, 'trailers without grpc-status', fields);
  };
  const finishWith = (code: number, message: string, fields: [string, string][]): void => {
    if (code === 0 && reader.pendingBytes > 0) {
      broken(13, new RunError('response', 'GRPC_TRUNCATED', 'the answer ended inside a message'));
      return;
    }
    // One answer is part of the contract of a method that does not stream it (statuscodes.md).
    if (code === 0 && !method.serverStreams && exchange.grpcMessages !== 1) {
      finish(12, `${exchange.grpcMessages === 0 ? 'No' : 'Too many'} messages received`, fields);
      return;
    }
    finish(code, message, fields);
  };

  const stream: H2Stream = client.open(requestFields(method, options, target), {
    headers: (fields, endStream) => {
      const status = Number(fieldValue(fields, ':status'));
      if (exchange.status === null && status >= 100 && status < 200) {
        exchange.informational.push(status);
        return;
      }
      if (exchange.status === null) {
        exchange.status = status;
        exchange.headers = fields;
        exchange.trailersOnly = endStream;
        reader.encoding = fieldValue(fields, 'grpc-encoding') ?? 'identity';
        initial.resolve(fields);
        if (endStream) {
          ended(fields);
          return;
        }
        if (status === 200 && fieldValue(fields, 'content-type')?.startsWith('application/grpc') === false) {
          abort(new FramingError(2, `content-type ${fieldValue(fields, 'content-type')} is not gRPC`));
        }
        return;
      }
      exchange.trailers = fields;
      ended(fields);
    },
    data: (chunk, endStream) => {
      if (finished) return;
      try {
        if (exchange.status === 200)
          for (const framed of reader.push(chunk)) {
            exchange.grpcMessages = (exchange.grpcMessages ?? 0) + 1;
            exchange.received(framed.bytes);
            queue.put({ message: method.decode(framed.bytes), compressed: framed.compressed });
          }
      } catch (error) {
        const framing =
          error instanceof FramingError ? error : new FramingError(13, 'the answer is not protobuf');
        abort(framing);
        return;
      }
      if (!endStream) return;
      exchange.complete = true;
      const code = exchange.status === 200 ? 13 : statusOfHttp(exchange.status ?? 0);
      finish(code, 'the call ended without trailers');
    },
    reset: (code) => {
      exchange.rstCode = code;
      broken(statusOfRst(code), new RunError('response', 'RST_STREAM', `RST_STREAM with code ${code}`));
    },
    lost: (error) => broken(14, error),
  });

  if (options.deadlineMs !== undefined)
    deadline = setTimeout(() => {
      stream.cancel();
      finish(4, 'Deadline exceeded');
    }, options.deadlineMs);

  return {
    send: (message, { compress = false } = {}) => {
      const bytes = method.encode(message);
      exchange.sent(bytes);
      stream.send(frameMessage(bytes, compress));
    },
    end: () => stream.end(),
    cancel: () => {
      stream.cancel();
      finish(1, 'Cancelled on client');
    },
    sent: stream.sent,
    next: () => queue.next(),
    initialMetadata: initial.promise,
    status: final.promise,
  };
}

/** In the order PROTOCOL-HTTP2.md gives. */
function requestFields(
  method: Method,
  options: CallOptions,
  target: { scheme: string; authority: string },
): [string, string][] {
  return [
    [':method', 'POST'],
    [':scheme', target.scheme],
    [':path', method.path],
    [':authority', target.authority],
    ...(options.deadlineMs === undefined
      ? []
      : ([['grpc-timeout', `${Math.max(1, Math.round(options.deadlineMs))}m`]] as [string, string][])),
    ['te', 'trailers'],
    ['content-type', 'application/grpc'],
    ...(options.gzip ? ([['grpc-encoding', 'gzip']] as [string, string][]) : []),
    ['grpc-accept-encoding', 'identity,gzip'],
    ['user-agent', 'wiretracer-fault-client'],
    ...(options.metadata ?? []),
  ];
}

function fieldValue(fields: [string, string][], name: string): string | undefined {
  return fields.find(([key]) => key === name)?.[1];
}
