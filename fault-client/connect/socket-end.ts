import type net from 'node:net';
import { constants } from 'node:os';

/** Who ended a connection first, and how the peer's side of it ended. */
export class SocketEnd {
  by: 'self' | 'peer' | null = null;
  peerEnd: 'fin' | 'rst' | null = null;
  readonly peerEnded: Promise<void>;
  /** Resolves when nothing that this side wrote is held back any more; null where nothing is. */
  flushed: Promise<void> | null = null;
  readonly #resolve: () => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.peerEnded = promise;
    this.#resolve = resolve;
  }

  /** Called before this side sends its FIN or RST. */
  self(): void {
    this.by ??= 'self';
  }

  peer(how: 'fin' | 'rst'): void {
    this.by ??= 'peer';
    this.peerEnd ??= how;
    this.#resolve();
  }

  /** Follow a socket that is being read; the TLS socket where there is one, as it takes over the raw one's bytes. */
  watch(socket: net.Socket): void {
    socket.on('end', () => this.peer(hidesReset(socket) ? 'rst' : 'fin'));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (isReset(error)) this.peer('rst');
      else if (isEarlyFin(error)) this.peer('fin');
    });
    socket.on('close', () => this.#resolve());
  }
}

/** Node also says ECONNRESET for a plain FIN ("socket hang up"); only the kernel's has a system call. */
export function isReset(error: NodeJS.ErrnoException): boolean {
  return (error.code === 'ECONNRESET' || error.code === 'EPIPE') && error.syscall !== undefined;
}

function isEarlyFin(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' && error.syscall === undefined;
}

type Handle = { getpeername?: (out: object) => number };

/**
 * Whether an end was in truth an RST: before libuv 1.52 (Node 22) a hang-up behind a short read counts as end-of-file
 * (libuv/libuv#4997), but Linux then knows no peer any more. After our own FIN the peer's FIN leaves the same trace.
 */
function hidesReset(socket: net.Socket): boolean {
  const [major = 0, minor = 0] = process.versions.uv.split('.').map(Number);
  if (major > 1 || minor >= 52 || socket.writableEnded) return false;
  const handle = (socket as unknown as { _handle: Handle | null })._handle;
  return handle?.getpeername?.({}) === -constants.errno.ENOTCONN;
}
