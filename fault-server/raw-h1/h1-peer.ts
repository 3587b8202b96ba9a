import { Meter } from '../endpoints/meter.ts';
import type { ServerConnection } from '../endpoints/server-connection.ts';

export type H1Request = { method: string; path: string; headers: [string, string][] };

/**
 * Reads HTTP/1.1 requests from a connection and calls `request` when one has come whole (a body by Content-Length or
 * chunked), and `head` as soon as its header came. What is answered, and whether it is HTTP at all, is the user's affair. A
 * peer's end ends the connection.
 */
export function readH1Requests(
  connection: ServerConnection,
  request: (request: H1Request) => void,
  headCame: (request: H1Request) => void = () => {},
): void {
  let pending: Buffer = Buffer.alloc(0);
  let current: Open | null = null;
  const read = () => {
    for (;;) {
      current ??= openRequest();
      if (!current) return;
      const taken = current.body.take(pending);
      pending = pending.subarray(taken);
      if (!current.body.whole) {
        // What is kept is at most the beginning of a chunk's head.
        if (pending.length > MAX_HEAD_BYTES) connection.end();
        return;
      }
      const { head, body } = current;
      current = null;
      observe(connection, head, body, true);
      request(head);
    }
  };
  const openRequest = (): Open | null => {
    const end = pending.indexOf('\r\n\r\n');
    if (end < 0) {
      if (pending.length > MAX_HEAD_BYTES) connection.end();
      return null;
    }
    const head = parseHead(pending.toString('latin1', 0, end));
    pending = pending.subarray(end + 4);
    headCame(head);
    return { head, body: new H1Body(head.headers) };
  };
  connection.stream.on('data', (chunk: Buffer) => {
    if (connection.stream.writableEnded) return;
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    read();
  });
  connection.stream.once('end', () => connection.end());
  connection.raw.once('close', () => current && observe(connection, current.head, current.body, false));
}

type Open = { head: H1Request; body: H1Body };
const MAX_HEAD_BYTES = 1 << 18;

/** Counts and hashes a request body; `chunked` is read far enough to find its end (RFC 9112 7.1). */
class H1Body {
  readonly meter = new Meter();
  whole = false;
  readonly #chunked: boolean;
  #left: number;

  constructor(headers: [string, string][]) {
    const field = (name: string) => headers.find(([key]) => key.toLowerCase() === name)?.[1];
    this.#chunked = /chunked\s*$/i.test(field('transfer-encoding') ?? '');
    const length = field('content-length') ?? '';
    this.#left = !this.#chunked && /^\d+$/.test(length) ? Number(length) : 0;
  }

  /** Takes what belongs to the body and returns how many bytes that was. */
  take(bytes: Buffer): number {
    let at = 0;
    for (;;) {
      const piece = bytes.subarray(at, at + this.#left);
      this.meter.add(piece);
      this.#left -= piece.length;
      at += piece.length;
      if (this.#left > 0) return at;
      if (!this.#chunked) {
        this.whole = true;
        return at;
      }
      const line = /^(?:\r\n)?([0-9a-f]+)[^\r\n]*\r\n/i.exec(bytes.toString('latin1', at, at + 1024));
      if (!line) return at;
      this.#left = Number.parseInt(line[1] ?? '0', 16);
      if (this.#left === 0) {
        const end = bytes.indexOf('\r\n\r\n', at + line[0].length - 2);
        if (end < 0) return at;
        this.whole = true;
        return end + 4;
      }
      at += line[0].length;
    }
  }
}

function parseHead(text: string): H1Request {
  const [first = '', ...lines] = text.split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, Math.max(0, colon)), line.slice(colon + 1).trim()];
  });
  return { method, path, headers };
}

function observe(connection: ServerConnection, head: H1Request, body: H1Body, complete: boolean): void {
  connection.observe({
    observation: 'request',
    protocol: 'h1',
    method: head.method,
    path: head.path,
    authority: head.headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? null,
    headers: head.headers,
    trailers: [],
    stream_id: null,
    body_bytes: body.meter.bytes,
    body_sha256: body.meter.sha256(),
    complete,
    grpc_messages: null,
  });
}
