import { PassThrough, pipeline, Readable, Transform, type Writable } from 'node:stream';
import { Meter } from '../endpoints/meter.ts';
import type { Observed } from '../endpoints/observe.ts';
import type { ServerConnection } from '../endpoints/server-connection.ts';
import type { Answer, HeaderPairs } from './exchange.ts';

export type RequestHead = {
  protocol: 'h1' | 'h2' | 'grpc';
  method: string;
  path: string;
  authority: string | null;
  headers: HeaderPairs;
  stream_id: number | null;
};

/** Reads a request body to its end or its cut and observes the request exactly once. */
export function observeRequest(
  connection: ServerConnection,
  head: RequestHead,
  body: Readable,
  whole: () => boolean,
  trailers: () => HeaderPairs,
  grpcMessages: () => number | null = () => null,
): void {
  const meter = new Meter();
  let told = false;
  const tell = (complete: boolean) => {
    if (told) return;
    told = true;
    connection.observe({
      observation: 'request',
      ...head,
      trailers: trailers(),
      body_bytes: meter.bytes,
      body_sha256: meter.sha256(),
      complete,
      grpc_messages: grpcMessages(),
    });
  };
  body.on('data', (chunk: Buffer) => meter.add(chunk));
  body.once('end', () => tell(whole()));
  body.once('error', () => tell(false));
  body.once('close', () => tell(whole()));
}

/** Sends a body through a meter; `sent` is called once with the observation, whole or cut. */
export function sendBody(
  source: Exclude<Answer['body'], undefined>,
  to: Writable,
  head: { status: number; stream_id: number | null },
  sent: (observed: Observed) => void,
): void {
  const meter = new Meter();
  const metered = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      meter.add(chunk);
      next(null, chunk);
    },
  });
  pipeline(readable(source), metered, to, () =>
    sent({ observation: 'response', ...head, body_bytes: meter.bytes, body_sha256: meter.sha256() }),
  );
}

/** The observation of an answer whose body is at hand. */
export function responseOf(status: number | null, stream_id: number | null, body: Buffer | null): Observed {
  const meter = new Meter();
  if (body) meter.add(body);
  return {
    observation: 'response',
    status,
    stream_id,
    body_bytes: meter.bytes,
    body_sha256: meter.sha256(),
  };
}

function readable(source: Exclude<Answer['body'], undefined>): Readable {
  if (source instanceof Readable) return source.pipe(new PassThrough());
  if (typeof source === 'string') return Readable.from([Buffer.from(source)]);
  return Buffer.isBuffer(source) ? Readable.from([source]) : Readable.from(source);
}
