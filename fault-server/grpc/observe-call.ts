import type { ServerHttp2Stream } from 'node:http2';
import { Meter } from '../endpoints/meter.ts';
import type { ServerConnection } from '../endpoints/server-connection.ts';
import type { HeaderPairs } from '../http/exchange.ts';
import { observeRequest } from '../http/exchange-log.ts';
import { type CallCompression, compressInTurn } from './call-compression.ts';
import { MessageCount } from './message-count.ts';

/** Observes the request and the response of a call on the HTTP/2 stream below grpc-js. */
export function observeCall(
  connection: ServerConnection,
  stream: ServerHttp2Stream,
  rawHeaders: string[],
  compression: CallCompression,
): void {
  const all: HeaderPairs = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) all.push([rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']);
  const field = (name: string) => all.find(([key]) => key === name)?.[1];
  const id = stream.id ?? 0;
  // Whoever sends another type to this port sent no call.
  const isGrpc = field('content-type')?.startsWith('application/grpc') ?? false;
  const messages = new MessageCount();
  messages.onPrefix = (compressed) => {
    if (compression.received.length < MAX_FLAGS_KEPT) compression.received.push(compressed);
  };
  let ended = false;
  stream.on('data', (chunk: Buffer) => messages.add(chunk));
  stream.prependOnceListener('end', () => {
    ended = !stream.aborted && !(stream.closed && stream.rstCode !== 0);
  });
  observeRequest(
    connection,
    {
      protocol: isGrpc ? 'grpc' : 'h2',
      method: field(':method') ?? '',
      path: field(':path') ?? '',
      authority: field(':authority') ?? null,
      headers: all.filter(([name]) => !name.startsWith(':')),
      stream_id: id,
    },
    stream,
    () => ended,
    () => [],
    () => (isGrpc ? messages.messages : null),
  );
  observeResponse(connection, stream, id, compression);
}

/** Only the calls that are asked about compression take the flags; the others leave them. */
const MAX_FLAGS_KEPT = 1000;

/** grpc-js writes each message by one `write`; its bytes are counted on the way, after compression. */
function observeResponse(
  connection: ServerConnection,
  stream: ServerHttp2Stream,
  id: number,
  compression: CallCompression,
): void {
  const meter = new Meter();
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = ((message: Buffer, ...rest: unknown[]) => {
    const sent = compressInTurn(compression, message);
    meter.add(sent);
    return write(sent, ...rest);
  }) as typeof stream.write;
  stream.once('close', () => {
    const status = stream.headersSent ? Number(stream.sentHeaders?.[':status'] ?? 200) : null;
    connection.observe({
      observation: 'response',
      status,
      stream_id: id,
      body_bytes: meter.bytes,
      body_sha256: meter.sha256(),
    });
  });
}
