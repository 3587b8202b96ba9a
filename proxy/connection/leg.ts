import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Side } from '../taps/tap.ts';
import { watchCloseNotify } from './close-notify.ts';

/** One side of a relay: the stream that carries application bytes and the raw socket under it. */
export type Leg = {
  side: Side;
  raw: Socket;
  stream: Socket;
  tls: TLSSocket | null;
  /** Such as `TLSv1.3`; null on plaintext. */
  tlsVersion: string | null;
  /** The first error, also one that came before anybody listened. */
  error: NodeJS.ErrnoException | null;
  onError: (() => void) | null;
  /** Whether the peer's end began with a close_notify; null on plaintext and when it cannot be told. */
  closeNotify: () => boolean | null;
  /** A TLS 1.3 server sends tickets once it has accepted the client's certificate (RFC 8446 4.6.1). */
  ticketSeen: boolean;
  /** When TLS, the moment its handshake began. */
  startedAtMs: number;
};

/** `wireAtHello`: see watchCloseNotify. */
export function createLeg(
  side: Side,
  raw: Socket,
  tls: TLSSocket | null,
  startedAtMs: number,
  wireAtHello: number | null = null,
): Leg {
  const leg: Leg = {
    side,
    raw,
    stream: tls ?? raw,
    tls,
    tlsVersion: tls?.getProtocol() ?? null,
    // A reset that a stage before read is told by no event any more.
    error: raw.destroyed ? (raw.errored ?? socketClosed()) : null,
    onError: null,
    closeNotify: tls === null ? () => null : watchCloseNotify(tls, raw, wireAtHello),
    ticketSeen: false,
    startedAtMs,
  };
  const note = (error: NodeJS.ErrnoException): void => {
    leg.error ??= error;
    leg.onError?.();
  };
  leg.stream.on('error', note);
  // Of a server's socket that no tls.Server owns Node tells TLS errors by this event alone, and never closes it for them.
  tls?.on('_tlsError', note);
  tls?.once('session', () => {
    leg.ticketSeen = true;
  });
  if (tls !== null) raw.on('error', ignore);
  return leg;
}

/** Send RST. Only the raw socket can: `tlsSocket.resetAndDestroy()` throws. */
export function reset(leg: Leg): void {
  leg.raw.resetAndDestroy();
  leg.stream.destroy();
}

export function destroyLeg(leg: Leg): void {
  leg.stream.destroy();
  leg.raw.destroy();
}

/** What a socket is said to have met that closed without a word. */
export function socketClosed(): NodeJS.ErrnoException {
  return Object.assign(new Error('socket closed'), { code: 'ECONNRESET' });
}

/**
 * Call back once when everything written to a stream has left it, or never will. `drain` cannot tell: it comes only after
 * a write that went beyond the high-water mark.
 */
export function whenFlushed(stream: Socket, done: () => void): void {
  if (stream.destroyed || stream.writableLength === 0) {
    done();
    return;
  }
  let called = false;
  const once = (): void => {
    if (!called) done();
    called = true;
  };
  stream.once('close', once);
  if (stream.writableEnded) stream.once('finish', once);
  else stream.write(Buffer.alloc(0), once);
}

function ignore(): void {}
