/**
 * A gRPC server that echoes every message and never looks at a path: the end of a request is answered by trailers, so unary
 * calls and streams are the same to it. Prints its port, serves until its stdin ends. Argument: certificates.
 */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import {
  blockOf,
  endHeaders,
  endStream,
  frame,
  frameReader,
  okTrailers,
  opening,
  preface,
  types,
  windowStep,
  windowUpdate,
} from '../load/h2-wire.ts';

const certs = process.argv[2]!;
const response = blockOf([
  [':status', '200'],
  ['content-type', 'application/grpc'],
]);

const server = tls.createServer(
  {
    key: readFileSync(join(certs, 'server.key')),
    cert: readFileSync(join(certs, 'server.crt')),
    ALPNProtocols: ['h2'],
  },
  serve,
);
server.on('tlsClientError', () => {});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.stdin.on('end', () => process.exit(0)).resume();

function serve(socket: tls.TLSSocket): void {
  socket.setNoDelay(true);
  socket.on('error', () => {});
  let answered = false;
  let unacknowledged = 0;
  /** Streams whose response has begun. */
  const open = new Set<number>();
  let out: Buffer[] = [opening()];
  const read = frameReader(
    (type, flags, streamId, payload) => {
      if (type === types.rstStream) open.delete(streamId);
      if (type !== types.data) return;
      if (!open.has(streamId)) {
        open.add(streamId);
        out.push(frame(types.headers, endHeaders, streamId, answered ? response.later : response.first));
        answered = true;
      }
      out.push(frame(types.data, 0, streamId, payload));
      const ended = (flags & endStream) !== 0;
      acknowledge(streamId, payload.length, ended);
      if (!ended) return;
      open.delete(streamId);
      out.push(frame(types.headers, endHeaders | endStream, streamId, okTrailers));
    },
    (bytes) => out.push(bytes),
    preface.length,
  );
  socket.on('data', (piece: Buffer) => {
    read(piece);
    if (out.length > 0) socket.write(Buffer.concat(out));
    out = [];
  });

  function acknowledge(streamId: number, bytes: number, ended: boolean): void {
    unacknowledged += bytes;
    if (unacknowledged < windowStep) return;
    out.push(windowUpdate(0, unacknowledged));
    if (!ended) out.push(windowUpdate(streamId, unacknowledged));
    unacknowledged = 0;
  }
}
