import type { RecordFault } from '../../protos/tls13/faulty-record.ts';
import type { CloseHow } from './forge-socket.ts';

/**
 * Moments of the server's side. `after_client_certificate`: TLS 1.2 at the client's Certificate (at its
 * ClientKeyExchange when none was asked for), so before our ChangeCipherSpec; TLS 1.3 when the client's whole flight
 * was read and verified. `after_first_application_data` comes before the response, `after_response` behind it.
 */
export const serverStages = [
  'instead_of_server_hello',
  'after_server_hello',
  'after_client_certificate',
  'after_handshake',
  'after_first_application_data',
  'after_response',
] as const;

export type ApplicationStage = 'after_handshake' | 'after_first_application_data' | 'after_response';

/** What a ServerHello and the messages behind it may get wrong. */
export const serverLies = [
  'old_version',
  'downgrade',
  'unoffered_suite',
  'unoffered_group',
  'unoffered_alpn',
  'empty_certificate',
  'garbage_certificate',
  'huge_certificate',
  'bad_signature',
  'bad_finished',
] as const;
export type ServerLie = (typeof serverLies)[number];

export type ServerStage = (typeof serverStages)[number];

export type ForgeServerPlan = {
  version: 'TLSv1.3' | 'TLSv1.2';
  /** PEM, leaf first; P-256, P-384, Ed25519 or RSA. */
  cert: string;
  key: string;
  /** A text is sent whatever the client offered: that is a fault too. Of a list the first one offered. Absent: none. */
  alpn?: string | readonly string[];
  requestClientCert?: boolean;
  /** `level` 2 (fatal, the default) also ends the connection. */
  alert?: { code: number; level?: 1 | 2; at: ServerStage };
  /** Stop answering there and keep the connection open until the peer ends it. */
  stall?: ServerStage;
  close?: { how: CloseHow; at: ServerStage };
  /** What goes wrong with the records of the application data. */
  record?: { how: RecordFault; at: ApplicationStage };
  lie?: ServerLie;
  /** Makes the answer to the client's first application data. */
  respond?: (request: Buffer) => Buffer;
};

export type ForgeServerReport = {
  /** The last stage reached. */
  stage: ServerStage | null;
  did: 'alert' | 'stall' | 'close' | 'bad_record' | 'lie' | null;
  cipherSuite: string | null;
  servername: string | null;
  /** What the server chose. */
  alpn: string | null;
  /** What the client offered. */
  clientAlpn: string[];
  /** Subject common name; null when none was asked for or none came. */
  clientCertificate: string | null;
  receivedBytes: number;
  peerAlert: { level: number; code: number } | null;
  peerEnd: 'fin' | 'rst' | null;
  /** The peer's violation of the protocol; `alert` was sent for it. */
  error: { alert: number; message: string } | null;
};
