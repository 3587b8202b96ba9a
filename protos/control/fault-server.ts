/**
 * The line protocol of `fault-server --control`: one JSON object per line, commands on stdin, answers and observations
 * on stdout (nothing else is written there). Bodies are described by length and SHA-256, never carried.
 */

import type { FaultLimits } from './fault-limits.ts';

/** TLS identity by the name of a fixture certificate (protos/certificates) or by files. */
export type EndpointTls = {
  /** Fixture name such as `server`, `server_expired`. Default `server`. */
  cert?: string;
  /** Ask for a client certificate; `require` refuses with a real alert where OpenSSL sends one. */
  clientCert?: 'none' | 'request' | 'require';
  /** Fixture CA that client certificates must chain to. Default `ca`. */
  clientCa?: string;
  alpn?: string[];
  minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  ciphers?: string;
  /** Key exchange groups, OpenSSL's names joined by colons. Default: OpenSSL's own. */
  groups?: string;
  /** Signature algorithms, OpenSSL's names joined by colons. Default: OpenSSL's own. */
  sigalgs?: string;
  /** A connection whose first byte begins no TLS handshake record is served in plaintext. Default false: it fails. */
  optional?: boolean;
};

export type EndpointSpec = {
  /** Unique name; observations carry it. */
  name: string;
  /**
   * `http`: HTTP/1.1 and HTTP/2 by ALPN (by first bytes on plaintext, so h2c prior knowledge works), with the `/mode/*` paths.
   * `grpc`: native gRPC by @grpc/grpc-js (helloworld.Greeter and grpc.testing.TestService).
   * `raw`: a fault that owns the bytes; `fault` is then required.
   */
  kind: 'http' | 'grpc' | 'raw';
  tls?: EndpointTls;
  /** Of kind http: SETTINGS_INITIAL_WINDOW_SIZE, and the connection's window. Default 65535. */
  h2?: { initialWindowBytes?: number };
  /**
   * A fault from `fault-server --list`. Without limits every connection of this endpoint meets it; what the limits leave
   * out is served as kind `http`, for a gRPC fault as kind `grpc`.
   */
  fault?: { id: string; params?: Record<string, unknown>; only?: FaultLimits };
  /** Host to bind, default 127.0.0.1; port 0 or absent takes a free one. */
  host?: string;
  port?: number;
};

export type ServerCommand =
  | { id: number; cmd: 'open'; endpoint: EndpointSpec }
  | { id: number; cmd: 'close'; name: string }
  /** The next connection of this endpoint is the first again for the limits of its fault. */
  | { id: number; cmd: 'rewind'; name: string }
  | { id: number; cmd: 'ping' }
  | { id: number; cmd: 'stop' };

export type ServerAnswer =
  | { id: number; ok: true; name?: string; host?: string; port?: number }
  | { id: number; ok: false; error: string };

/** `conn` numbers the connections of this process; `remote` is the peer (the proxy's `upstream_local`). */
type Seen = { endpoint: string; conn: number; remote: string; ts: number };

export type ServerObservation =
  /** `spared`: the limits of the endpoint's fault leave this connection out. */
  | (Seen & { observation: 'open'; local: string; spared?: true })
  | (Seen & {
      observation: 'proxy';
      version: 'none' | 'v1' | 'v2' | 'invalid';
      command: 'PROXY' | 'LOCAL' | null;
      /** `ip:port`, IPv6 in brackets. */
      src: string | null;
      dst: string | null;
      tlvs: { type: number; value_hex: string }[];
      /** The header byte for byte. */
      raw_hex: string;
      error: string | null;
    })
  | (Seen & {
      observation: 'tls';
      outcome: 'ok' | 'fail';
      version: string | null;
      cipher: string | null;
      alpn: string | null;
      sni: string | null;
      resumed: boolean;
      /** Subject common name of the client certificate, null when none came. */
      client_cert: string | null;
      authorized: boolean;
      error: string | null;
    })
  | (Seen & {
      /** A whole request arrived; for a cut one `complete` is false. */
      observation: 'request';
      protocol: 'h1' | 'h2' | 'grpc';
      method: string;
      path: string;
      authority: string | null;
      headers: [string, string][];
      trailers: [string, string][];
      stream_id: number | null;
      body_bytes: number;
      body_sha256: string;
      complete: boolean;
      grpc_messages: number | null;
    })
  | (Seen & {
      observation: 'response';
      status: number | null;
      stream_id: number | null;
      body_bytes: number;
      body_sha256: string;
    })
  /** What a fault did, at the moment it did it. */
  | (Seen & { observation: 'fault'; fault: string; detail: string })
  /** What the peer said about the connection or a stream in the words of its protocol; each thing once, at most 16. */
  | (Seen & {
      observation: 'peer';
      said: 'alert' | 'goaway' | 'rst_stream';
      /** AlertDescription (RFC 8446 6), or error code (RFC 9113 7), and its name. */
      code: number;
      name: string;
      stream_id: number | null;
      debug: string | null;
    })
  | (Seen & {
      observation: 'close';
      /** How the peer's side of the TCP stream ended. */
      peer_end: 'fin' | 'rst' | null;
      /** Whether this server ended it first. */
      by: 'self' | 'peer';
      /** Whether this server's FIN was on its way before the socket was freed, whatever came behind it. */
      fin_sent: boolean;
      bytes_in: number;
      bytes_out: number;
    });

export type ServerLine =
  | { type: 'ready' }
  | ({ type: 'answer' } & ServerAnswer)
  | ({ type: 'observation' } & ServerObservation);
