import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Logger } from 'pino';
import type { ClientHello } from '../../protos/tls/client-hello.ts';
import type { ListenerConfig } from '../config/types.ts';
import type { RecordLog } from '../records/log.ts';
import type { StreamEnd } from '../taps/tap.ts';
import type { Slots } from './accept/slots.ts';
import type { ConnectionContext } from './context.ts';
import type { UpstreamSessions } from './upstream-sessions.ts';

/** What the connections of one listener share. */
export type ListenerRuntime = {
  config: ListenerConfig;
  log: RecordLog;
  logger: Logger;
  slots: Slots;
  allows: (ip: string) => boolean;
  trusts: (ip: string) => boolean;
  inbound: SecureContext | null;
  outbound: SecureContext | null;
  /** Null when upstream sessions are not to be resumed. */
  upstreamSessions: UpstreamSessions | null;
};

/** What the close record and every stage need to know of a connection besides its context. */
export type Session = {
  readonly runtime: ListenerRuntime;
  readonly context: ConnectionContext;
  readonly raw: Socket;
  proxy: {
    version: 'none' | 'v1' | 'v2' | 'invalid' | null;
    src: string | null;
    dst: string | null;
    command: 'PROXY' | 'LOCAL' | null;
    tlvs: { type: number; name: string; value_hex: string }[];
    /** Replayed to the upstream byte for byte. */
    header: Buffer | null;
  };
  /** Until the client's handshake has succeeded. */
  hello: ClientHello | null;
  fingerprints: Readonly<Record<string, string>>;
  /** Bytes of a client that closed behind them: an ended stream takes nothing back, so the relay sends them first. */
  early: Buffer | null;
  /** The client's raw stream ended before TLS took it over. */
  clientEnd: StreamEnd | null;
  upstreamEnd: StreamEnd | null;
  clientCloseNotify: boolean | null;
  upstreamCloseNotify: boolean | null;
  tid: string | null;
  path: string | null;
  protocol: string | null;
  bytesIn: number;
  bytesOut: number;
  /** Ends the stage that runs now because the proxy stops; every stage sets its own. */
  cancel: (() => void) | null;
  cancelled: boolean;
};

/** Give bytes back to the client's stream for the next stage to read. */
export function putBack(session: Session, bytes: Buffer): void {
  const { raw } = session;
  if (bytes.length === 0 || raw.destroyed) return;
  if (raw.readableEnded) session.early = bytes;
  else raw.unshift(bytes);
}

export function createSession(raw: Socket, context: ConnectionContext, runtime: ListenerRuntime): Session {
  return {
    runtime,
    context,
    raw,
    proxy: { version: null, src: null, dst: null, command: null, tlvs: [], header: null },
    hello: null,
    fingerprints: {},
    early: null,
    clientEnd: null,
    upstreamEnd: null,
    clientCloseNotify: null,
    upstreamCloseNotify: null,
    tid: null,
    path: null,
    protocol: null,
    bytesIn: 0,
    bytesOut: 0,
    cancel: null,
    cancelled: false,
  };
}
