/**
 * The line protocol of `fault-client --control`: one JSON object per line, commands on stdin, progress and results on
 * stdout (nothing else is written there). Many runs are in flight at once; every line names its run by `id`.
 */

import type { ClientLimits } from './fault-limits.ts';

export type ClientTls = {
  /** `false` accepts any server certificate. Default: verify against the fixture CA `ca`. */
  verify?: boolean;
  ca?: string;
  /** Fixture client certificate: `client`, `bad_client`, `client_expired`, `client_wrong_eku`, … Absent: none. */
  cert?: string;
  /** SNI; empty string sends none. Default `localhost`. */
  servername?: string;
  /** Default by proto: h1 `["http/1.1"]`, h2 and grpc `["h2"]`. Empty list sends no ALPN. */
  alpn?: string[];
  minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  ciphers?: string;
  /** Key exchange groups, OpenSSL's names joined by colons. Default: OpenSSL's own. */
  groups?: string;
  /** Signature algorithms, OpenSSL's names joined by colons. Default: OpenSSL's own. */
  sigalgs?: string;
};

export type ProxyHeaderSpec = {
  version: 'none' | 'v1' | 'v2' | 'malformed';
  /** `ip:port`, IPv6 in brackets. Defaults: 203.0.113.10:54321 to 192.0.2.10:443. */
  src?: string;
  dst?: string;
  /** v1: TCP4 TCP6 UNKNOWN. v2: PROXY or LOCAL. Default by the address family, PROXY. */
  family?: 'TCP4' | 'TCP6' | 'UNKNOWN' | 'UNSPEC';
  command?: 'PROXY' | 'LOCAL';
  tlvs?: { type: number; value_hex: string }[];
  /** Append a correct CRC32c TLV. */
  crc32c?: boolean;
  /** The exact bytes instead of all above. */
  raw_hex?: string;
  /** Cut the header after these byte offsets, each piece its own TCP segment. */
  split?: number[];
};

export type RequestSpec = {
  method?: string;
  path?: string;
  headers?: [string, string][];
  /** Body bytes from a seeded generator, so that both ends can be compared by SHA-256; or text. */
  body?: { bytes: number; seed?: number; chunked?: boolean } | { text: string };
  trailers?: [string, string][];
};

export type GrpcSpec = {
  /** An interop case (`large_unary`, `ping_pong`, …), or `say_hello`, or `status` with a status to ask for. */
  call: string;
  params?: Record<string, unknown>;
  metadata?: [string, string][];
  deadlineMs?: number;
};

export type ClientSpec = {
  /** `host:port`. */
  target: string;
  /** Source address to bind, `127.x.y.z`. */
  bind?: string;
  proto: 'h1' | 'h2' | 'grpc' | 'grpc_native' | 'raw';
  mode?: 'ok' | 'chat' | 'client_close_early' | 'client_rst' | 'client_half_close' | 'idle';
  /** Absent: plaintext. */
  tls?: ClientTls;
  proxyHeader?: ProxyHeaderSpec;
  /** `chat`: that many requests one after the other on one connection. `concurrency`: at once (h2, grpc; h1 pipelines). */
  cycles?: number;
  /** `chat`: pause between two requests. Default none. */
  intervalMs?: number;
  /** `chat`: each pause is a fiftieth longer than the last, up to this. Default intervalMs: all are the same. */
  intervalMaxMs?: number;
  concurrency?: number;
  /** Server push: refused by SETTINGS (default), accepted, or let come and reset with CANCEL. */
  h2?: {
    push?: 'disabled' | 'accept' | 'reject';
    /** SETTINGS_INITIAL_WINDOW_SIZE, and the connection's window. Default 65535. */
    initialWindowBytes?: number;
  };
  request?: RequestSpec;
  grpc?: GrpcSpec;
  /** A fault from `fault-client --list`; owns the bytes where `proto` is raw. */
  fault?: { id: string; params?: Record<string, unknown>; only?: ClientLimits };
  /** Of proto raw: that many connections, one after the other. What the limits leave out is one good request. Default 1. */
  connections?: number;
  /** How long the client stays after its last answer before it ends the connection (mode idle). */
  idleMs?: number;
  /** Of a chat: every exchange is told by a line the moment it is over. */
  measure?: {
    /** Linux: processes whose busiest thread's processor time during an exchange is told with it. */
    cpuOfPids?: number[];
    /** Linux: further processes whose time without a processor is told with it. */
    waitOfPids?: number[];
  };
  /** The run is given up after this long, outcome `timeout`. Default 30000. */
  timeoutMs?: number;
};

export type ExchangeResult = {
  status: number | null;
  headers: [string, string][];
  trailers: [string, string][];
  informational: number[];
  /** What was sent and what came back, to compare with the other end. */
  sent_bytes: number;
  sent_sha256: string;
  body_bytes: number;
  body_sha256: string;
  /** True only when the protocol says the answer is whole. */
  complete: boolean;
  error: { code: string; message: string } | null;
  rst_code: number | null;
  grpc_status: number | null;
  grpc_message: string | null;
  /** Messages received. */
  grpc_messages: number | null;
  /** Response was a single HEADERS with END_STREAM; null where the library cannot tell. */
  trailers_only: boolean | null;
};

export type ClientResult = {
  /** `ok`: everything asked for was done and answered. `error`: see error. `timeout`: timeoutMs passed. */
  outcome: 'ok' | 'error' | 'timeout';
  error: {
    code: string;
    message: string;
    phase: 'connect' | 'proxy_header' | 'tls' | 'request' | 'response' | 'close';
  } | null;
  exchanges: ExchangeResult[];
  tls: { version: string; cipher: string; alpn: string | null; server_cert: string | null } | null;
  /** What the client saw of the end of its (last) connection. */
  close: {
    by: 'self' | 'peer' | null;
    /** The peer's end of the TCP stream as seen here. */
    peer_end: 'fin' | 'rst' | null;
    goaway: { code: number; last_stream_id: number; debug: string } | null;
  };
  /** Every socket that connected, `ip:port` as the proxy sees it. */
  sockets: string[];
  /** For raw: what came back, first 4 KiB in hex. */
  received_hex: string | null;
  /** How many bytes came back by TCP, those of TLS included. */
  received_bytes: number;
  notes: string[];
  duration_ms: number;
};

export type MeasuredExchange = {
  /** Epoch milliseconds with a fraction. */
  started_ms: number;
  duration_ms: number;
  /** The most any thread of `cpuOfPids` ran meanwhile; null where nothing tells it. */
  cpu_ms: number | null;
  /** How long the first threads of all processes named, and of this one, were ready and had no processor: a busy machine. */
  waited_ms: number;
  complete: boolean;
};

export type ClientCommand =
  | { id: string; cmd: 'run'; spec: ClientSpec }
  | { id: string; cmd: 'cancel' }
  /** Come to the run's own end: a chat stops after the exchange in hand, a fault lets go of the connections it holds. */
  | { id: string; cmd: 'finish' }
  | { id: string; cmd: 'ping' }
  | { id: string; cmd: 'stop' };

export type ClientLine =
  | { type: 'ready' }
  | { type: 'pong'; id: string }
  /** Sent the moment a socket is connected, before its first byte. */
  | { type: 'socket'; id: string; local: string; remote: string }
  /** The fault has all its connections open and holds them. */
  | { type: 'holding'; id: string }
  | ({ type: 'exchange'; id: string } & MeasuredExchange)
  | { type: 'result'; id: string; result: ClientResult }
  /** The command itself was wrong (unknown fault, bad parameter): nothing was run. */
  | { type: 'refused'; id: string; error: string };
