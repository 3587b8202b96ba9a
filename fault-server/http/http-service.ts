import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { EndpointSpec } from '../../protos/control/fault-server.ts';
import { readFirstBytes } from '../endpoints/first-bytes.ts';
import type { ServerConnection } from '../endpoints/server-connection.ts';
import type { Service } from '../endpoints/service.ts';
import { h1Exchange } from './h1-exchange.ts';
import { h2Exchange } from './h2-exchange.ts';
import { route } from './routes.ts';
import { acceptUpgrade, isUpgrade } from './upgrade.ts';

/** HTTP/1.1 and HTTP/2 by ALPN, by the first bytes where ALPN said nothing (prior knowledge, RFC 9113 3.3). */
export function httpService(spec: Pick<EndpointSpec, 'h2'>): Service {
  const connections = new WeakMap<Duplex, ServerConnection>();
  const h1 = h1Server(connections);
  const windowBytes = spec.h2?.initialWindowBytes ?? 65_535;
  const serveH1 = (connection: ServerConnection) => {
    connections.set(connection.stream, connection);
    h1.emit('connection', connection.stream);
  };
  return {
    alpn: ['h2', 'http/1.1'],
    serve: (connection) => {
      const alpn = connection.tls?.alpnProtocol;
      if (alpn === 'h2') return serveH2(connection, windowBytes);
      if (alpn) return serveH1(connection);
      readFirstBytes(connection.stream, isH2, (h2) => {
        if (h2 === null) connection.end();
        else if (h2) serveH2(connection, windowBytes);
        else serveH1(connection);
      });
    },
    close: () => h1.close(),
  };
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

function isH2(start: Buffer, ended: boolean): { consumed: number; value: boolean | null } | null {
  const length = Math.min(start.length, PREFACE.length);
  if (!start.subarray(0, length).equals(PREFACE.subarray(0, length))) return { consumed: 0, value: false };
  if (length === PREFACE.length) return { consumed: 0, value: true };
  return ended ? { consumed: 0, value: null } : null;
}

function h1Server(connections: WeakMap<Duplex, ServerConnection>) {
  const server = createServer({
    // The peer decides when a connection ends; this server ends one only where it was asked to.
    requestTimeout: 0,
    headersTimeout: 0,
    keepAliveTimeout: 0,
    connectionsCheckingInterval: 2 ** 31 - 1,
    maxHeaderSize: 256 * 1024,
    shouldUpgradeCallback: (req) => isUpgrade(req.url ?? ''),
  });
  // A peer that has finished sending still gets its answer; the property is Node's own, not in its types.
  Object.assign(server, { httpAllowHalfOpen: true });
  const handle = (req: IncomingMessage, res: ServerResponse) => {
    const connection = connections.get(req.socket);
    if (connection) route(h1Exchange(connection, req, res));
  };
  server.on('request', handle);
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    res.writeContinue();
    handle(req, res);
  });
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    const connection = connections.get(socket);
    if (connection) acceptUpgrade(connection, req, head);
  });
  return server;
}

function serveH2(connection: ServerConnection, windowBytes: number): void {
  const session = performServerHandshake(connection.stream, {
    settings: { enableConnectProtocol: true, initialWindowSize: windowBytes },
    maxHeaderListPairs: 4096,
  });
  session.setLocalWindowSize(windowBytes);
  let open = 0;
  session.on('stream', (stream: ServerHttp2Stream, _headers, _flags, rawHeaders: unknown) => {
    open += 1;
    stream.once('close', () => {
      open -= 1;
    });
    route(h2Exchange(connection, stream, rawHeaders as string[]));
  });
  // Told by the close observation; without a listener it would end the process.
  session.on('error', () => {});
  session.on('goaway', (code: number, _lastStreamId: number, debug?: Buffer) => {
    connection.peerSaid('goaway', code, { debug: debug?.toString('latin1', 0, 200) ?? '' });
    connection.peerLeaves();
  });
  // The session takes the reads over below this stream; only a flowing one still tells of the peer's end.
  // It may flow only after the session has taken what was read already, which it does on the next tick.
  const peerEnded = () => {
    session.close();
    // A session waits for its last write; one that met a reset below TLS is never told of, so nobody else would close.
    if (open === 0) setImmediate(() => connection.discard());
  };
  if (connection.stream.readableEnded) peerEnded();
  else connection.stream.once('end', peerEnded);
  setImmediate(() => connection.stream.resume());
}
