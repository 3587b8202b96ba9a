import type { IncomingMessage } from 'node:http';
import { Meter } from '../endpoints/meter.ts';
import type { ServerConnection } from '../endpoints/server-connection.ts';
import type { HeaderPairs } from './exchange.ts';

/** Only `/upgrade` switches protocols; elsewhere the Upgrade field is ignored, as RFC 9110 7.8 allows. */
export function isUpgrade(path: string): boolean {
  return path === '/upgrade' || path.startsWith('/upgrade?');
}

/** Answers 101 with the protocol asked for, then sends every byte back until the peer ends. */
export function acceptUpgrade(connection: ServerConnection, req: IncomingMessage, head: Buffer): void {
  const meter = new Meter();
  const { stream } = connection;
  const headers: HeaderPairs = [];
  for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
    headers.push([req.rawHeaders[i] ?? '', req.rawHeaders[i + 1] ?? '']);
  }
  connection.observe({
    observation: 'request',
    protocol: 'h1',
    method: req.method ?? '',
    path: req.url ?? '',
    authority: req.headers.host ?? null,
    headers,
    trailers: [],
    stream_id: null,
    body_bytes: 0,
    body_sha256: new Meter().sha256(),
    complete: true,
    grpc_messages: null,
  });
  stream.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${req.headers.upgrade ?? 'echo'}\r\n\r\n`,
  );
  if (head.length > 0) stream.unshift(head);
  stream.on('data', (chunk: Buffer) => meter.add(chunk));
  stream.once('close', () =>
    connection.observe({
      observation: 'response',
      status: 101,
      stream_id: null,
      body_bytes: meter.bytes,
      body_sha256: meter.sha256(),
    }),
  );
  stream.pipe(stream);
}
