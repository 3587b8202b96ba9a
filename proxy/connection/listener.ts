import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import { flat } from '../../protos/text/flat.ts';
import type { ListenerConfig } from '../config/types.ts';
import { type ConnectionGauge, createConnectionGauge } from '../connection-gauge.ts';
import type { RecordLog } from '../records/log.ts';
import { recordId } from '../records/record-id.ts';
import { createAddressMatcher, unknownPeerIp } from './accept/allowlist.ts';
import { createSlots, type Slots } from './accept/slots.ts';
import type { ConnectionContext } from './context.ts';
import { inboundContext, outboundContext } from './secure-contexts.ts';
import { serve } from './serve.ts';
import { createSession, type ListenerRuntime, type Session } from './session.ts';
import { nowMs } from './tls-row.ts';
import { createUpstreamSessions } from './upstream-sessions.ts';

export type Listener = {
  name: string;
  address(): { host: string; port: number };
  stopAccepting(): void;
  /** Wait for the open connections; those still there after `graceMs` are closed. Resolves when each has its close record. */
  drain(graceMs: number): Promise<void>;
};

/** What a listener has in common with those of the same name in other processes. */
export type Shared = {
  /** The limit of connections counts for all of them. */
  slots?: Slots;
  /** 48 bytes, so that any of them resumes a session that one of them began. */
  ticketKeys?: Buffer;
};

/** Bind and serve. Rejects when the address cannot be bound or certificate and key do not fit. */
export async function openListener(
  config: ListenerConfig,
  log: RecordLog,
  logger: Logger,
  gauge: ConnectionGauge = createConnectionGauge(),
  shared: Shared = {},
): Promise<Listener> {
  const runtime: ListenerRuntime = {
    config,
    log,
    logger,
    slots: shared.slots ?? createSlots(config.policy.maxConnections),
    allows: createAddressMatcher(config.policy.allowlist),
    trusts: createAddressMatcher(config.proxyProtocol.trusted),
    inbound: config.tls === null ? null : inboundContext(config.tls, shared.ticketKeys),
    outbound: config.upstream.tls === null ? null : outboundContext(config.upstream.tls),
    upstreamSessions: config.upstream.tls?.sessionReuse ? createUpstreamSessions() : null,
  };
  const open = new Map<Session, Promise<void>>();
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (raw) => {
    // Errors are handled where they are awaited; one that comes between two stages must not end the process.
    raw.on('error', ignore);
    const session = createSession(raw, contextOf(raw, runtime), runtime);
    gauge.opened();
    open.set(
      session,
      serve(session).finally(() => {
        gauge.closed();
        open.delete(session);
      }),
    );
  });
  await bind(server, config);
  server.on('error', (error) => logger.error({ err: error, listener: config.name }, 'accept failed'));
  const bound = server.address() as AddressInfo;

  return {
    name: config.name,
    address: () => ({ host: bound.address, port: bound.port }),
    stopAccepting: () => {
      server.close();
    },
    async drain(graceMs) {
      server.close();
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([Promise.all(open.values()), grace]);
      clearTimeout(timer);
      for (const session of open.keys()) {
        session.cancelled = true;
        session.cancel?.();
      }
      await Promise.all(open.values());
    },
  };
}

function bind(server: Server, { host, port }: ListenerConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function contextOf(raw: Socket, { config, log }: ListenerRuntime): ConnectionContext {
  const peerIp = raw.remoteAddress ?? unknownPeerIp;
  const peerPort = raw.remotePort ?? 0;
  return {
    connId: flat(recordId()),
    listener: config,
    log,
    acceptedAtMs: nowMs(),
    peerIp,
    peerPort,
    clientIp: peerIp,
    clientPort: peerPort,
    upstreamLocal: null,
    tlsIn: { sni: null, alpn: null, version: null, cipher: null },
  };
}

function ignore(): void {}
