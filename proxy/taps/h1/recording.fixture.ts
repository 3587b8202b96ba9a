import type { ConnectionContext } from '../../connection/context.ts';
import type { EventFields } from '../../records/log.ts';

/** A context whose log keeps the events; `logging` overrides the defaults. */
export function recordingContext(logging: Partial<ConnectionContext['listener']['logging']> = {}): {
  context: ConnectionContext;
  events: EventFields[];
} {
  const events: EventFields[] = [];
  const unexpected = (kind: string) => () => {
    throw new Error(`an HTTP/1.1 tap wrote a ${kind} record`);
  };
  const context: ConnectionContext = {
    connId: '00000000-0000-4000-8000-000000000000',
    listener: {
      name: 'test',
      host: '127.0.0.1',
      port: 0,
      tls: null,
      proxyProtocol: { mode: 'off', trusted: [], timeoutMs: 0 },
      upstream: { addr: '127.0.0.1:1', host: '127.0.0.1', port: 1, tls: null },
      policy: {
        allowlist: [],
        maxConnections: 1,
        maxconnWaitWarnMs: 0,
        maxconnWaitTimeoutMs: 0,
        upstreamConnectTimeoutMs: 0,
        upstreamHandshakeTimeoutMs: 0,
        tlsHandshakeTimeoutMs: 0,
        readTimeoutMs: 0,
        idleTimeoutMs: 0,
      },
      logging: {
        logHeaders: true,
        logBody: false,
        bodyMaxBytes: 1024,
        redactHeaders: [],
        redactQuery: [],
        sampleRate: 1,
        h2ControlEvents: false,
        ...logging,
      },
    },
    log: {
      conn: unexpected('conn'),
      tls: unexpected('tls'),
      h2ctl: unexpected('h2ctl'),
      event: (_context, fields) => void events.push(fields),
      congested: false,
      onceDrained: unexpected('drained'),
    },
    acceptedAtMs: 0,
    peerIp: '127.0.0.1',
    peerPort: 1,
    clientIp: '127.0.0.1',
    clientPort: 1,
    upstreamLocal: null,
    tlsIn: { sni: null, alpn: null, version: null, cipher: null },
  };
  return { context, events };
}
