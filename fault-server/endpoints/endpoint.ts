import { createServer, type Server, type Socket } from 'node:net';
import { choosesConnection, choosesRequest } from '../../protos/control/fault-limits.ts';
import type { EndpointSpec } from '../../protos/control/fault-server.ts';
import type { Fault, FaultSetting } from '../faults/fault.ts';
import { faultLimits, faultParams } from '../faults/params.ts';
import { findFault } from '../faults/registry.ts';
import { watchForAlerts } from './alert-watch.ts';
import { readFirstBytes } from './first-bytes.ts';
import type { Identities } from './identities.ts';
import type { Observe } from './observe.ts';
import { readProxyHeader } from './proxy-header.ts';
import { ServerConnection } from './server-connection.ts';
import { type Service, serviceOf } from './service.ts';
import { acceptTls, type TlsAcceptor, tlsAcceptor } from './tls-handshake.ts';

export type OpenEndpoint = {
  name: string;
  host: string;
  port: number;
  /** The next connection is the first again for the limits of the fault. */
  rewind(): void;
  close(): Promise<void>;
};

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
    return { name: spec.name, host, rewind: () => {}, ...listening };
  }
  const only = fault ? faultLimits(fault, spec.fault?.only) : {};
  const service = await serviceOf(fault ? { ...spec, kind: servedKind(fault, only, spec.kind) } : spec);
  // A fault of the handshake brings its own TLS; what it spares needs one all the same.
  const tls = spec.tls ?? (fault?.layer === 'tls' && fault.stage === 'bytes' ? {} : null);
  const acceptorFor = (alpn: string[]) => tls && tlsAcceptor(tls, alpn, context.identities);
  const healthy: Way = { acceptor: service && acceptorFor(service.alpn), service, fault: null };
  const setting: FaultSetting = {
    endpoint: spec,
    identities: context.identities,
    chooses: (request) => choosesRequest(only, request),
  };
  const faulty: Way = fault
    ? {
        ...(fault.stage === 'stream'
          ? healthy
          : { acceptor: spec.tls ? acceptorFor(alpnOf(fault)) : null, service: null }),
        fault: { stage: fault.stage, run: (to) => fault.run(to, params, setting) },
      }
    : healthy;
  let accepted = 0;
  const sockets = new Set<Socket>();
  // Half-open: a peer that has finished sending still gets its answer, and its end is seen as what it was.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (raw) => {
    sockets.add(raw);
    raw.once('close', () => sockets.delete(raw));
    const spared = fault !== null && !choosesConnection(only, ++accepted);
    const connection = new ServerConnection(raw, context.nextConn(), spec.name, context.observe, spared);
    receive(connection, spared ? healthy : faulty);
  });
  const port = await listening(server, host, spec.port ?? 0);
  const rewind = () => {
    accepted = 0;
  };
  return { name: spec.name, host, port, rewind, close: () => closed(server, sockets, service) };
}

/** What a connection meets: TLS where it has some, then a fault or a service. */
type Way = {
  acceptor: TlsAcceptor | null;
  service: Service | null;
  fault: { stage: Fault['stage']; run(connection: ServerConnection): void } | null;
};

/** What serves beneath a fault of the stream, and the connections that the limits leave out; nothing where there are none. */
function servedKind(fault: Fault, only: object, kind: EndpointSpec['kind']): EndpointSpec['kind'] {
  if (fault.stage === 'stream') return kind === 'raw' ? 'http' : kind;
  if (Object.keys(only).length === 0) return 'raw';
  return fault.layer === 'grpc' ? 'grpc' : 'http';
}

/** The straight line of a connection: PROXY header, TLS, protocol; a fault takes over at its stage. */
function receive(connection: ServerConnection, { acceptor, service, fault }: Way): void {
  if (fault?.stage === 'accept') {
    fault.run(connection);
    watchForAlerts(connection);
    return;
  }
  const serve = () => {
    connection.enterApplication();
    if (!fault || fault.stage === 'stream') return service?.serve(connection);
    fault.run(connection);
    if (fault.stage === 'bytes') watchForAlerts(connection);
  };
  readProxy(connection, () => {
    if (fault?.stage === 'stream') fault.run(connection);
    if (fault?.stage === 'bytes' || !acceptor) serve();
    else if (!acceptor.spec.optional) acceptTls(connection, acceptor, serve);
    else
      readFirstBytes(connection.carrier, beginsTls, (tls) => {
        if (tls) acceptTls(connection, acceptor, serve);
        else serve();
      });
  });
}

/** ContentType handshake, RFC 8446 5.1. */
function beginsTls(start: Buffer, ended: boolean): { consumed: number; value: boolean } | null {
  return start.length === 0 && !ended ? null : { consumed: 0, value: start[0] === 22 };
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
    server.once('error', (error) => reject(new Error(whyNot(error, host, port), { cause: error })));
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** What stands in the way of an address, and what to write instead. */
function whyNot(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${port} of ${host} is in use; write another port, or 0 for a free one`;
    case 'EACCES':
      return `port ${port} needs privileges; write a port from 1024 on, or 0 for a free one`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `this machine has no address ${host}; write 127.0.0.1, ::1, or 0.0.0.0 for all of them`;
    default:
      return `cannot listen on ${host} port ${port}: ${error.message}`;
  }
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
