import { spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  connect as connectTls,
  createSecureContext,
  type TLSSocket,
  TLSSocket as Tls,
  type TlsOptions,
} from 'node:tls';
import { pino } from 'pino';
import { type Fixture, type FixtureName, issueFixtures } from '../../protos/certificates/fixtures.ts';
import type { AnyRecord } from '../../protos/records/records.ts';
import type { ListenerConfig, ListenerTls, UpstreamConfig } from '../config/types.ts';
import type { RecordLog } from '../records/log.ts';
import type { ConnectionContext } from './context.ts';
import { type Listener, openListener } from './listener.ts';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

export const fixtures: Record<FixtureName, Fixture> = await issueFixtures();

/** A row as it was handed to the log. */
type Row = { kind: AnyRecord['kind']; conn_id: string; event?: string; side?: string } & Record<
  string,
  unknown
>;

/** A log that keeps rows, for tests to wait on. */
export type FakeLog = RecordLog & {
  rows: Row[];
  closed(count?: number): Promise<Row[]>;
  /** Wait until as many rows match. */
  until(count: number, matches: (row: Row) => boolean): Promise<void>;
  congested: boolean;
  drain(): void;
};

export function fakeLog(): FakeLog {
  const rows: Row[] = [];
  const news = new EventEmitter().setMaxListeners(0);
  const drained: (() => void)[] = [];
  const add =
    (kind: Row['kind']) =>
    (context: ConnectionContext, fields: object): void => {
      const { connId, clientIp, clientPort, upstreamLocal } = context;
      rows.push({
        kind,
        conn_id: connId,
        client_ip: clientIp,
        client_port: clientPort,
        upstream_local: upstreamLocal,
        ...fields,
      } as Row);
      news.emit('row');
    };
  const closes = (): Row[] => rows.filter((row) => row.kind === 'conn' && row.event === 'close');
  return {
    rows,
    conn: add('conn'),
    tls: add('tls'),
    event: add('event'),
    h2ctl: add('h2ctl'),
    congested: false,
    onceDrained: (callback) => drained.push(callback),
    drain() {
      this.congested = false;
      for (const callback of drained.splice(0)) callback();
    },
    async until(count, matches) {
      while (rows.filter(matches).length < count) await once(news, 'row');
    },
    async closed(count = 1) {
      while (closes().length < count) await once(news, 'row');
      return closes();
    },
  };
}

/** Run `close` for everything that was opened, newest first. */
export type Cleanup = { add(close: () => unknown): void; run(): Promise<void> };

export function createCleanup(): Cleanup {
  const closes: (() => unknown)[] = [];
  return {
    add: (close) => closes.push(close),
    async run() {
      for (const close of closes.splice(0).reverse()) await close();
    },
  };
}

export function listenerTls(change: Partial<ListenerTls> = {}): ListenerTls {
  return {
    cert: Buffer.from(fixtures.server.cert),
    key: Buffer.from(fixtures.server.key),
    requireClientCert: false,
    clientCa: null,
    clientCrl: null,
    alpn: ['h2', 'http/1.1'],
    minVersion: 'TLSv1.2',
    ...change,
  };
}

export function upstreamTls(
  change: Partial<NonNullable<UpstreamConfig['tls']>> = {},
): NonNullable<UpstreamConfig['tls']> {
  return {
    serverName: 'localhost',
    effectiveServerName: 'localhost',
    verify: true,
    caPath: 'ca.pem',
    ca: Buffer.from(fixtures.ca.cert),
    crl: null,
    alpn: ['h2', 'http/1.1'],
    clientCert: null,
    clientKey: null,
    clientKeyPassword: null,
    sessionReuse: false,
    ...change,
  };
}

export type ConfigChange = {
  tls?: ListenerTls | null;
  upstreamPort: number;
  upstreamHost?: string;
  upstreamTls?: UpstreamConfig['tls'];
  policy?: Partial<ListenerConfig['policy']>;
  proxyProtocol?: Partial<ListenerConfig['proxyProtocol']>;
};

export function listenerConfig(change: ConfigChange): ListenerConfig {
  const host = change.upstreamHost ?? '127.0.0.1';
  return {
    name: 'under-test',
    host: '127.0.0.1',
    port: 0,
    tls: change.tls === undefined ? listenerTls() : change.tls,
    proxyProtocol: { mode: 'auto', trusted: [], timeoutMs: 5000, ...change.proxyProtocol },
    upstream: {
      addr: `${host}:${change.upstreamPort}`,
      host,
      port: change.upstreamPort,
      tls: change.upstreamTls === undefined ? upstreamTls() : change.upstreamTls,
    },
    policy: {
      allowlist: [],
      maxConnections: 100,
      maxconnWaitWarnMs: 0,
      maxconnWaitTimeoutMs: 0,
      upstreamConnectTimeoutMs: 5000,
      upstreamHandshakeTimeoutMs: 5000,
      tlsHandshakeTimeoutMs: 5000,
      readTimeoutMs: 20_000,
      idleTimeoutMs: 20_000,
      ...change.policy,
    },
    logging: {
      logHeaders: true,
      logBody: false,
      bodyMaxBytes: 0,
      redactHeaders: [],
      redactQuery: [],
      sampleRate: 1,
      h2ControlEvents: false,
    },
  };
}

export type OpenProxy = { listener: Listener; log: FakeLog; port: number };

export async function openProxy(cleanup: Cleanup, change: ConfigChange): Promise<OpenProxy> {
  const log = fakeLog();
  const listener = await openListener(listenerConfig(change), log, pino({ level: 'silent' }));
  cleanup.add(() => listener.drain(0));
  return { listener, log, port: listener.address().port };
}

/** A raw TCP server on a free port; `sockets` are destroyed in the end. */
export async function openTcp(cleanup: Cleanup, onSocket: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    cleanup.add(() => socket.destroy());
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.add(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A TLS server that owns the raw sockets, so that it can reset them. */
export async function openTls(
  cleanup: Cleanup,
  options: TlsOptions,
  onSecure: (tls: TLSSocket, raw: Socket) => void,
): Promise<number> {
  const {
    cert = fixtures.server.cert,
    key = fixtures.server.key,
    ca,
    minVersion,
    maxVersion,
    ...rest
  } = options;
  const secureContext = createSecureContext({ cert, key, ca, minVersion, maxVersion });
  return openTcp(cleanup, (raw) => {
    const tls = new Tls(raw, { isServer: true, secureContext, ...rest });
    tls.on('error', () => undefined);
    tls.on('secure', () => onSecure(tls, raw));
  });
}

export type RawClient = { raw: Socket; tls: TLSSocket };

/** A TLS client whose raw socket is at hand. */
export async function connectClient(
  cleanup: Cleanup,
  port: number,
  options: ConnectionOptions = {},
): Promise<RawClient> {
  const raw = await connectTcp(cleanup, port);
  const tls = connectTls({
    socket: raw,
    ca: fixtures.ca.cert,
    servername: 'localhost',
    ALPNProtocols: ['http/1.1'],
    ...options,
  });
  tls.on('error', () => undefined);
  await once(tls, 'secureConnect');
  return { raw, tls };
}

export async function connectTcp(cleanup: Cleanup, port: number): Promise<Socket> {
  const raw = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  raw.on('error', () => undefined);
  cleanup.add(() => raw.destroy());
  await once(raw, 'connect');
  return raw;
}

/** Everything a stream sends until its end or error. */
export async function readAll(
  stream: Socket,
): Promise<{ bytes: Buffer; error: NodeJS.ErrnoException | null }> {
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    const settle = (error: NodeJS.ErrnoException | null): void =>
      resolve({ bytes: Buffer.concat(chunks), error });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('end', () => settle(null));
    stream.once('error', settle);
    stream.once('close', () => settle(null));
  });
}
