import { once } from 'node:events';
import type http from 'node:http';
import http2 from 'node:http2';
import type net from 'node:net';
import type tls from 'node:tls';
import { endOrReset } from './hidden-reset.ts';
import type { Fixtures } from './run-spec.ts';

export type HttpPeer = {
  target: string;
  /** What Node's own TLS, HTTP/1.1 and HTTP/2 said, in order: `end`, `reset`, `request GET /`, `tls ERR_…`, `http HPE_…`. */
  events: string[];
  /** Resolves with the first event, past or future, that matches. */
  saw(pattern: RegExp): Promise<string>;
  server: http2.Http2SecureServer;
  close(): void;
};

export type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** A server by node:http2 with HTTP/1.1 allowed; `handle` is given both. */
export async function openHttpPeer(
  fixtures: Fixtures,
  handle: Handler,
  options: http2.SecureServerOptions = {},
): Promise<HttpPeer> {
  const { cert, key } = fixtures.certificates.get('server');
  const events: string[] = [];
  let waiting: { pattern: RegExp; resolve: (event: string) => void }[] = [];
  const tell = (event: string): void => {
    events.push(event);
    for (const one of waiting) if (one.pattern.test(event)) one.resolve(event);
    waiting = waiting.filter(({ pattern }) => !pattern.test(event));
  };
  const server = http2.createSecureServer({ cert, key, allowHTTP1: true, ...options });
  const sockets = new Set<net.Socket>();
  server.on('connection', (raw: net.Socket) => {
    sockets.add(raw);
    // A socket that ends before its handshake is only seen here.
    raw.on('close', () => sockets.delete(raw));
  });
  server.on('secureConnection', (socket: tls.TLSSocket) => {
    tell(`connection ${socket.remoteAddress}:${socket.remotePort}`);
    socket.prependListener('end', () => tell(endOrReset(socket)));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      tell(error.code === 'ECONNRESET' ? 'reset' : `${error.code}`),
    );
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    tell(`tls ${error.code} ${error.message}`);
    socket.destroy();
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: net.Socket) => {
    tell(`http ${error.code}`);
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  server.on('sessionError', (error: NodeJS.ErrnoException) => tell(`session ${error.code ?? error.message}`));
  server.on('session', (session) => {
    session.on('goaway', (code, _last, debug) => tell(`goaway ${code} ${debug?.toString() ?? ''}`));
    session.on('error', () => {});
  });
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.on('close', () => tell(`stream closed ${stream.rstCode}`));
  });
  server.on('request', (request, response) => {
    tell(`request ${request.method} ${request.url}`);
    request.on('error', () => {});
    response.on('error', () => {});
    handle(request as unknown as http.IncomingMessage, response as unknown as http.ServerResponse);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    target: `127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    events,
    saw: (pattern) => {
      const past = events.find((event) => pattern.test(event));
      if (past !== undefined) return Promise.resolve(past);
      return new Promise((resolve) => waiting.push({ pattern, resolve }));
    },
    server,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
