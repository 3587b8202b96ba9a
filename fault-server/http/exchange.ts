import type { Readable } from 'node:stream';
import type { ServerConnection } from '../endpoints/server-connection.ts';

export type HeaderPairs = [string, string][];
export type HeaderMap = Record<string, string | string[]>;

export type Answer = {
  status: number;
  headers?: HeaderMap;
  /** Absent: no body. Text and Buffer get a Content-Length. */
  body?: string | Buffer | Iterable<Buffer> | Readable;
  trailers?: Record<string, string>;
  /** HTTP/1.1: end of the body is the end of the connection. HTTP/2 frames by nature and ignores it. */
  untilClose?: boolean;
};

/** One request and the ways to answer it, the same for HTTP/1.1 and HTTP/2. */
export type Exchange = {
  protocol: 'h1' | 'h2';
  method: string;
  /** The request target as sent. */
  path: string;
  /** As sent, duplicates kept; HTTP/2 without pseudo-header fields. */
  headers: HeaderPairs;
  body: Readable;
  connection: ServerConnection;
  answer(answer: Answer): void;
  inform(status: number, headers: HeaderMap): void;
  /** Response head with the length of `whole`, half of it, then the end of the connection. */
  truncate(whole: Buffer): void;
  /** The connection ends before an answer: FIN, in HTTP/2 without GOAWAY. */
  closeEarly(): void;
  /** HTTP/1.1: TCP reset. HTTP/2: RST_STREAM INTERNAL_ERROR. */
  reset(): void;
  /** HTTP/2 push of a second resource; null where the protocol or the peer has none. */
  push: ((path: string, body: string) => void) | null;
};
