import type { RecordFault } from '../../protos/tls13/faulty-record.ts';
import type { CloseHow } from './forge-socket.ts';

/**
 * Moments of the client's side. `after_server_certificate`: the server's whole flight was read (TLS 1.3: its Finished,
 * TLS 1.2: its ServerHelloDone) and instead of our own flight comes the fault. `after_request` is behind the
 * application data we sent, `after_response` behind the first that came.
 */
export const clientStages = [
  'instead_of_client_hello',
  'after_client_hello',
  'after_server_hello',
  'after_server_certificate',
  'after_handshake',
  'after_request',
  'after_response',
] as const;

export type ApplicationStage = 'after_handshake' | 'after_request' | 'after_response';

export const lateMessages = ['certificate', 'client_hello', 'finished'] as const;
export type LateMessage = (typeof lateMessages)[number];

export type ClientStage = (typeof clientStages)[number];

export type ForgeClientPlan = {
  version: 'TLSv1.3' | 'TLSv1.2';
  /** SNI; absent or empty sends none. */
  servername?: string;
  alpn?: readonly string[];
  /** PEM, given when the server asks. Absent: an empty Certificate. */
  cert?: string;
  key?: string;
  hello?: {
    /** Handshake bytes per record, so that one ClientHello takes many records. */
    fragmentBytes?: number;
    paddingBytes?: number;
    grease?: boolean;
    /** A key share of post-quantum size before the others. */
    pqKeyShare?: boolean;
    ech?: boolean;
    duplicateExtension?: boolean;
    /** An empty list, so that the server has to ask by HelloRetryRequest; it is answered. */
    noKeyShare?: boolean;
    noKnownGroup?: boolean;
    /** A ticket nobody issued; `early` sends 120 bytes of early data behind it. */
    ticket?: 'stale' | 'early';
    /** Default both; the first that the server knows is used. */
    groups?: readonly ('x25519' | 'secp256r1')[];
  };
  /** `level` 2 (fatal, the default) also ends the connection. */
  alert?: { code: number; level?: 1 | 2; at: ClientStage };
  /** What goes wrong with the records of the application data. */
  record?: { how: RecordFault; at: ApplicationStage };
  /** So many KeyUpdate messages, one record each (TLS 1.3). */
  keyUpdates?: { count: number; at: ApplicationStage };
  /** A handshake message that has no place behind the handshake (TLS 1.3). */
  message?: { kind: LateMessage; at: ApplicationStage };
  /** Say nothing more from there and keep the connection open until the peer ends it. */
  stall?: ClientStage;
  close?: { how: CloseHow; at: ClientStage };
  /** Application data sent after the handshake. */
  request?: Buffer;
};

export type ForgeClientReport = {
  /** The last stage reached. */
  stage: ClientStage | null;
  did: 'alert' | 'bad_record' | 'key_updates' | 'message' | 'stall' | 'close' | null;
  /** The server asked for another key share. */
  retried: boolean;
  cipherSuite: string | null;
  alpn: string | null;
  /** Subject common name. */
  serverCertificate: string | null;
  certificateRequested: boolean;
  receivedBytes: number;
  /** The first 64 KiB of application data that came. */
  received: Buffer;
  /** Alert 0 is the server's close_notify. */
  peerAlert: { level: number; code: number } | null;
  peerEnd: 'fin' | 'rst' | null;
  /** The server's violation of the protocol; `alert` was sent for it. */
  error: { alert: number; message: string } | null;
};
