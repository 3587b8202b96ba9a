import { createServer, type Server, type Socket } from 'node:net';
import type { EndpointSpec } from '../../protos/control/fault-server.ts';
import type { Fault } from '../faults/fault.ts';
import { faultParams } from '../faults/params.ts';
import { findFault } from '../faults/registry.ts';
import { readFirstBytes } from './first-bytes.ts';
import type { Identities } from './identities.ts';
import type { Observe } from './observe.ts';
import { readProxyHeader } from './proxy-header.ts';
import { ServerConnection } from './server-connection.ts';
import { type Service, serviceOf } from './service.ts';
import { acceptTls, type TlsAcceptor, tlsAcceptor } from './tls-handshake.ts';

export type OpenEndpoint = { name: string; host: string; port: number; close(): Promise<void> };

/** What every endpoint of a process shares. `nextConn` numbers the connections of the process. */
export type EndpointContext = { identities: Identities; observe: Observe; nextConn: () => number };

/**
 * Opens an endpoint and resolves when it listens. Rejects, with nothing left open, when the specification is wrong or
 * the address cannot be bound.
 */
export async function openEndpoint(spec: EndpointSpec, context: EndpointContext): Promise<OpenEndpoint> {
  const host = spec.host ?? '127.0.0.1';
  const fault = spec.fault ? findFault(spec.fault.id) : null;
  const params = fault ? faultParams(fault, spec.fault?.params) : {};
  if (spec.kind === 'raw' && !fault) throw new Error(`endpoint "${spec.name}": kind raw needs a fault`);
  if (fault?.listen) {
    const listening = await fault.listen(spec, params);
    return { name: spec.name, host, ...listening };
  }
  const service = fault ? null : await serviceOf(spec);
  const acceptor = spec.tls
    ? tlsAcceptor(spec.tls, service?.alpn ?? alpnOf(fault), context.identities)
    : null;
  const setting = { endpoint: spec, identities: context.identities };
  const runFault = fault && ((to: ServerConnection) => fault.run(to, params, setting));
  const sockets = new Set<Socket>();
  // Half-open: a peer that has finished sending still gets its answer, and its end is seen as what it was.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (raw) => {
    sockets.add(raw);
    raw.once('close', () => sockets.delete(raw));
    const connection = new ServerConnection(raw, context.nextConn(), spec.name, context.observe);
    receive(connection, acceptor, service, runFault, fault?.stage ?? null);
  });
  const port = await listening(server, host, spec.port ?? 0);
  return { name: spec.name, host, port, close: () => closed(server, sockets, service) };
}

/** The straight line of a connection: PROXY header, TLS, protocol; a fault takes over at its stage. */
function receive(
  connection: ServerConnection,
  acceptor: TlsAcceptor | null,
  service: Service | null,
  runFault: ((connection: ServerConnection) => void) | null,
  stage: Fault['stage'] | null,
): void {
  if (stage === 'accept') {
    runFault?.(connection);
    return;
  }
  const serve = () => (runFault ? runFault(connection) : service?.serve(connection));
  readProxy(connection, () => {
    if (stage === 'bytes') runFault?.(connection);
    else if (acceptor) acceptTls(connection, acceptor, serve);
    else serve();
  });
}

function readProxy(connection: ServerConnection, next: () => void): void {
  const { raw } = connection;
  const decide = (start: Buffer, ended: boolean) => {
    if (start.length === 0 && !ended) return null;
    const header = readProxyHeader(start, ended);
    return header && { consumed: header.bytes, value: { ...header, gone: ended } };
  };
  readFirstBytes(raw, decide, ({ bytes: _, gone, ...header }, consumed) => {
    connection.proxyVersion = header.version;
    connection.proxySrc = header.src;
    connection.proxyDst = header.dst;
    connection.observe({ observation: 'proxy', ...header, raw_hex: consumed.toString('hex') });
    if (header.version === 'invalid' || gone) connection.end();
    else next();
  });
}

function alpnOf(fault: Fault | null): string[] {
  if (fault?.layer === 'h1') return ['http/1.1'];
  return fault?.layer === 'h2' || fault?.layer === 'grpc' ? ['h2'] : [];
}

function listening(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

function closed(server: Server, sockets: Set<Socket>, service: Service | null): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      service?.close();
      // After the close observations, which wait for one turn themselves.
      setImmediate(() => setImmediate(resolve));
    });
    for (const socket of sockets) socket.destroy();
  });
}
