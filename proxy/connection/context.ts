import type { ListenerConfig } from '../config/types.ts';
import type { ConnectionJson } from '../records/connection-json.ts';
import type { RecordLog } from '../records/log.ts';
import type { Ending } from '../taps/tap.ts';

/** What is known of one connection; travels along its whole path and is read by whoever writes a record. */
export type ConnectionContext = {
  readonly connId: string;
  readonly listener: ListenerConfig;
  readonly log: RecordLog;
  /** Epoch milliseconds of accept, with a fraction. */
  readonly acceptedAtMs: number;
  readonly peerIp: string;
  readonly peerPort: number;
  /** The PROXY source once a trusted header named one; the TCP peer before and otherwise. */
  clientIp: string;
  clientPort: number;
  /** The proxy's own `ip:port` towards the upstream; null until it is connected. */
  upstreamLocal: string | null;
  /** Inbound TLS; all null on plaintext and before the handshake. */
  tlsIn: { sni: string | null; alpn: string | null; version: string | null; cipher: string | null };
  /** Why the proxy itself answers, once it does, because the upstream could not. */
  localReply?: Ending;
  /** What its records repeat, kept by whoever writes them. */
  json?: ConnectionJson;
};
