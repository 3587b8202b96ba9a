import type { Socket } from 'node:net';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { errorCodeName } from '../../protos/h2/constants.ts';
import { alertName } from '../../protos/tls/alerts.ts';
import { receivedAlert } from '../../protos/tls/openssl-errors.ts';
import { hostPort } from './address.ts';
import type { Observe, Observed } from './observe.ts';

/**
 * One accepted connection. It owns the raw socket for as long as it lives: a TLS socket over it cannot send a reset
 * (its resetAndDestroy throws), the raw one can.
 */
export class ServerConnection {
  readonly raw: Socket;
  readonly conn: number;
  readonly remote: string;
  readonly local: string;
  /** The TLS layer once it stands. */
  tls: TLSSocket | null = null;
  /** What the PROXY header said, for answers that name it. */
  proxyVersion: 'none' | 'v1' | 'v2' | 'invalid' = 'none';
  proxySrc: string | null = null;
  proxyDst: string | null = null;
  #wire: Socket | null = null;
  #application: Socket | null = null;
  #overApplication: ((under: Socket) => Socket) | null = null;
  readonly #endpoint: string;
  readonly #observe: Observe;
  readonly #said = new Set<string>();
  #peerEnd: 'fin' | 'rst' | null = null;
  #endedBySelf: boolean | null = null;

  constructor(raw: Socket, conn: number, endpoint: string, observe: Observe, spared = false) {
    this.raw = raw;
    this.conn = conn;
    this.#endpoint = endpoint;
    this.#observe = observe;
    this.remote = hostPort(raw.remoteAddress ?? '', raw.remotePort ?? 0);
    this.local = hostPort(raw.localAddress ?? '', raw.localPort ?? 0);
    this.observe({ observation: 'open', local: this.local, ...(spared && { spared }) });
    raw.on('end', () => this.#peerEnded('fin'));
    raw.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
    // The last word of a connection: what its requests have to say at its end comes first.
    raw.once('close', () => setImmediate(() => this.#closed()));
  }

  /** The topmost byte stream: TLS where it stands, else TCP; or what wraps it. */
  get stream(): Socket {
    return this.#application ?? this.tls ?? this.carrier;
  }

  /** What TLS stands on: TCP, or what wraps it. */
  get carrier(): Socket {
    return this.#wire ?? this.raw;
  }

  /** Lets a fault put a stream of its own over TCP (`wire`), at once, or over TLS (`app`), once it stands. */
  wrap(at: 'wire' | 'app', over: (under: Socket) => Duplex): void {
    // Not sockets, but as much of one as protocols ask for.
    if (at === 'wire') this.#wire = over(this.raw) as Socket;
    else this.#overApplication = (under) => over(under) as Socket;
  }

  /** All layers below the protocol stand. */
  enterApplication(): void {
    if (this.#overApplication) this.#application = this.#overApplication(this.stream);
  }

  observe(observed: Observed): void {
    this.#observe({
      endpoint: this.#endpoint,
      conn: this.conn,
      remote: this.remote,
      ts: Date.now() / 1000,
      ...observed,
    } as Parameters<Observe>[0]);
  }

  /** Says that a fault did what it is for. */
  fault(fault: string, detail: string): void {
    this.observe({ observation: 'fault', fault, detail });
  }

  /** Tells what the peer said, once; a flood of it is told by its beginning. */
  peerSaid(
    said: 'alert' | 'goaway' | 'rst_stream',
    code: number,
    more: { stream_id?: number; debug?: string } = {},
  ): void {
    const key = `${said} ${code} ${more.stream_id}`;
    if (this.#said.has(key) || this.#said.size >= MAX_SAID) return;
    this.#said.add(key);
    const name = said === 'alert' ? alertName(code) : errorCodeName(code);
    this.observe({ observation: 'peer', said, code, name, stream_id: null, debug: null, ...more });
  }

  /** Watches the TLS layer too: it takes the reads over, so the raw socket no longer tells of the peer's end. */
  wear(tls: TLSSocket): void {
    this.tls = tls;
    tls.on('end', () => this.#peerEnded('fin'));
    tls.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
  }

  /** The peer said at the protocol's level that it leaves: whatever ends next, it ended first. */
  peerLeaves(): void {
    if (this.#endedBySelf !== null) return;
    this.#endedBySelf = false;
    // node:http2 ends the socket on a GOAWAY, and its FIN would overtake the peer's, which is on its way.
    const { stream } = this;
    const end = stream.end.bind(stream) as (...args: unknown[]) => Socket;
    stream.end = ((...args: unknown[]) => {
      if (stream.readableEnded || stream.destroyed) return end(...args);
      stream.once('end', () => end(...args));
      return stream;
    }) as typeof stream.end;
  }

  /** A real TCP reset, whatever stands on the socket. */
  reset(): void {
    this.#endedBySelf ??= true;
    this.raw.resetAndDestroy();
  }

  /**
   * FIN after what was written, with close_notify where TLS stands. What still comes is read and forgotten, so that the
   * peer's own end is seen and the socket freed.
   */
  end(): void {
    this.#endedBySelf ??= true;
    this.stream.end();
    this.stream.resume();
  }

  /** FIN on TCP without a word of TLS: the peer sees no close_notify. */
  endRaw(): void {
    this.#endedBySelf ??= true;
    this.raw.end();
  }

  /** FIN below the topmost stream, which learns nothing of it. */
  endBelow(under: Duplex): void {
    this.#endedBySelf ??= true;
    under.end();
  }

  /** Ends and frees the connection at once, without waiting for the peer. */
  destroy(): void {
    this.#endedBySelf ??= true;
    this.tls?.destroy();
    this.raw.destroy();
  }

  /** Frees a connection on which all is said; what a wrapper still holds leaves first. */
  discard(): void {
    (this.#application ?? this.#wire ?? this.raw).destroy();
  }

  /** The stream whose end is one on the wire: what wraps it may still hold its own back. */
  get #ending(): Socket {
    return this.#wire ? this.raw : (this.tls ?? this.raw);
  }

  #peerEnded(how: 'fin' | 'rst'): void {
    const { writableEnded, destroyed } = this.#ending;
    this.#peerEnd ??= how === 'fin' && !writableEnded && isForgotten(this.raw) ? 'rst' : how;
    this.#endedBySelf ??= writableEnded || destroyed;
  }

  #failed(error: NodeJS.ErrnoException): void {
    const alert = receivedAlert(error.code);
    if (alert !== null) this.peerSaid('alert', alert);
    if (error.code === 'ECONNRESET' && error.syscall !== undefined) this.#peerEnd = 'rst';
    else if (error.code === 'EPIPE') this.#peerEnd ??= 'rst';
    else return;
    this.#endedBySelf ??= false;
  }

  #closed(): void {
    this.observe({
      observation: 'close',
      peer_end: this.#peerEnd,
      by: (this.#endedBySelf ?? true) ? 'self' : 'peer',
      fin_sent: this.raw.writableFinished || this.#ending.writableFinished,
      bytes_in: this.raw.bytesRead,
      bytes_out: this.raw.bytesWritten,
    });
  }
}

const MAX_SAID = 16;

/**
 * Whether the kernel no longer knows the peer (getpeername: ENOTCONN), as after an RST and not after a FIN alone. A reset that
 * meets a write of OpenSSL or nghttp2 first is read as an end-of-file afterwards.
 */
function isForgotten(raw: Socket): boolean {
  const { _handle: handle } = raw as unknown as { _handle: { getpeername?: (out: object) => number } | null };
  return handle?.getpeername?.({}) === -constants.errno.ENOTCONN;
}
