/** An HTTP/2 upstream over TLS for the benchmark: `/small` and `/large`. Prints its port, serves until its stdin ends. */
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { largeBytes, smallBytes } from './works.ts';

const certs = process.argv[2]!;
const bodies: Record<string, Buffer> = {
  '/small': Buffer.alloc(smallBytes, 's'),
  '/large': Buffer.alloc(largeBytes, 'l'),
};
const server = http2.createSecureServer({
  key: readFileSync(join(certs, 'server.key')),
  cert: readFileSync(join(certs, 'server.crt')),
  settings: { initialWindowSize: 1 << 24 },
});
server.on('session', (session) => session.setLocalWindowSize(1 << 24));
server.on('sessionError', () => {});
server.on('stream', (stream, headers) => {
  const body = bodies[headers[':path'] ?? ''];
  stream.respond({ ':status': body ? 200 : 404, 'content-length': body?.length ?? 0 });
  stream.end(body);
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.stdin.on('end', () => process.exit(0)).resume();
