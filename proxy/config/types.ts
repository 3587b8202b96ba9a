/** The checked configuration: every default filled in, every file read, units in names. */
export type Config = {
  listeners: ListenerConfig[];
  /** Where records go: a path, `-` for stdout, or null for nowhere. The first listener that names one decides for all. */
  jsonlPath: string | null;
  /** When the bounded record queue is full: slow the sockets down (nothing is lost) or drop and count. */
  overflow: 'block' | 'drop';
  /** How long SIGTERM lets open connections go on. */
  shutdownGraceMs: number;
  /** Event loops that accept and relay; 1 is this process alone. */
  workers: number;
  /** SHA-256 of the file, first 16 hex digits. */
  hash: string;
};

export type ListenerConfig = {
  name: string;
  /** `file:line:col` of the listen key, for messages. */
  source?: string;
  host: string;
  port: number;
  /** Null: a plaintext listener. */
  tls: ListenerTls | null;
  proxyProtocol: {
    mode: 'auto' | 'off' | 'required';
    /** CIDRs whose PROXY headers are believed; empty believes everyone. */
    trusted: string[];
    timeoutMs: number;
  };
  upstream: UpstreamConfig;
  policy: {
    /** CIDRs; empty allows everyone. */
    allowlist: string[];
    maxConnections: number;
    maxconnWaitWarnMs: number;
    /** 0: wait without limit, as 1.50 did. */
    maxconnWaitTimeoutMs: number;
    upstreamConnectTimeoutMs: number;
    upstreamHandshakeTimeoutMs: number;
    /** From the first byte expected of the client to the end of its handshake (ClientHello included). */
    tlsHandshakeTimeoutMs: number;
    /** No byte from the side whose turn it is while an exchange is open. */
    readTimeoutMs: number;
    /** No byte in either direction and no exchange open. */
    idleTimeoutMs: number;
  };
  logging: {
    logHeaders: boolean;
    logBody: boolean;
    /** Bytes captured per body; 10 MiB when the file says 0, none when negative. */
    bodyMaxBytes: number;
    /** Lower-case names. */
    redactHeaders: string[];
    /** Query parameters whose values are replaced in paths, lower-case names. */
    redactQuery: string[];
    /** Share of exchanges recorded as events, 0 to 1; an exchange that failed is always recorded. */
    sampleRate: number;
    h2ControlEvents: boolean;
  };
};

export type ListenerTls = {
  cert: Buffer;
  key: Buffer;
  requireClientCert: boolean;
  clientCa: Buffer | null;
  /** Revocation lists; with any, every issuer of a chain needs one. */
  clientCrl: Buffer | null;
  /** In the order of preference; empty: no ALPN. */
  alpn: string[];
  minVersion: 'TLSv1.2' | 'TLSv1.3';
};

export type UpstreamConfig = {
  /** As written: `host:port`. */
  addr: string;
  host: string;
  port: number;
  /** Null: plaintext. */
  tls: {
    /** As written in the file, null when left out. */
    serverName: string | null;
    /** What is sent as SNI and verified: serverName, else the host of addr. */
    effectiveServerName: string;
    verify: boolean;
    /** The path as written, for records, and its content. */
    caPath: string | null;
    ca: Buffer | null;
    /** Revocation lists; with any, every issuer of a chain needs one. */
    crl: Buffer | null;
    alpn: string[];
    clientCert: Buffer | null;
    clientKey: Buffer | null;
    clientKeyPassword: string | null;
    /** Whether TLS sessions are resumed; a resumed handshake shows no certificate. */
    sessionReuse: boolean;
  } | null;
};
