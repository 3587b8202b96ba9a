import type { Exchange } from '../run/exchange.ts';
import type { Message, Method } from './schema.ts';
import type { Status } from './status.ts';

/** Where calls are made: emulated over our own HTTP/2, or by @grpc/grpc-js. */
export type Channel = {
  call(method: Method, options: CallOptions): Call;
  /** The channel can tell whether a message was compressed on the wire. */
  seesCompression: boolean;
  /** Connected, and where the last connection got a GOAWAY, on a new one. */
  ready(): Promise<void>;
  /** True when the server said GOAWAY (native: the channel left its connection); false after `limitMs` without. */
  goaway(limitMs: number): Promise<boolean>;
  close(): Promise<void>;
};

export type CallOptions = {
  exchange: Exchange;
  metadata?: [string, string][];
  deadlineMs?: number;
  /** Announce gzip for requests; each message says for itself whether it is compressed. */
  gzip?: boolean;
};

export type Call = {
  send(message: object, options?: { compress?: boolean }): void;
  end(): void;
  cancel(): void;
  /** The request's last byte is with the kernel (native: handed to the library). */
  sent: Promise<void>;
  /** The next message; null when there are no more. */
  next(): Promise<Received | null>;
  /** Initial metadata; resolves empty when the answer has none. */
  initialMetadata: Promise<[string, string][]>;
  /** Never rejects. */
  status: Promise<Status & { trailers: [string, string][] }>;
};

/** `compressed`: null where the library cannot tell. */
export type Received = { message: Message; compressed: boolean | null };
