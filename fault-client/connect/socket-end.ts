import type net from 'node:net';

/** Who ended a connection first, and how the peer's side of it ended. */
export class SocketEnd {
  by: 'self' | 'peer' | null = null;
  peerEnd: 'fin' | 'rst' | null = null;
  readonly peerEnded: Promise<void>;
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
    socket.on('end', () => this.peer('fin'));
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
