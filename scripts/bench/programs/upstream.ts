/** `/small` and `/large` over TLS, by HTTP/2 or HTTP/1.1. Prints its port, serves until its stdin ends. */
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { largeBytes, smallBytes } from '../sizes.ts';

const [certs, version] = [process.argv[2]!, process.argv[3]!];
const bodies: Record<string, Buffer> = {
  '/small': Buffer.alloc(smallBytes, 's'),
  '/large': Buffer.alloc(largeBytes, 'l'),
};
const identity = {
  key: readFileSync(join(certs, 'server.key')),
  cert: readFileSync(join(certs, 'server.crt')),
};
const server = version === 'h1' ? h1Server() : h2Server();
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.stdin.on('end', () => process.exit(0)).resume();

function h1Server(): https.Server {
  return https.createServer(identity, (request, response) => {
    const body = bodies[request.url ?? ''];
    request.resume();
    response.writeHead(body ? 200 : 404, { 'content-length': body?.length ?? 0 });
    response.end(body);
  });
}

function h2Server(): http2.Http2SecureServer {
  const h2 = http2.createSecureServer({ ...identity, settings: { initialWindowSize: 1 << 24 } });
  h2.on('session', (session) => session.setLocalWindowSize(1 << 26));
  h2.on('sessionError', () => {});
  h2.on('stream', (stream, headers) => {
    const body = bodies[headers[':path'] ?? ''];
    stream.on('error', () => {});
    // The whole request first: an answer before it would let an upload end early.
    stream.resume().once('end', () => {
      stream.respond({ ':status': body ? 200 : 404, 'content-length': body?.length ?? 0 });
      stream.end(body);
    });
  });
  return h2;
}
