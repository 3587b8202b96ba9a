import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

export type Address = { host: string; port: number };

const pauseMs = 20;

/**
 * Resolves when something listens on every address. Where the system has a table of its sockets nothing is touched;
 * elsewhere each port is connected to and left at once, and `onTouched` is told the connection's own `ip:port`, since the
 * program will write that connection down. Ends early, without a verdict, when `gone` is aborted.
 */
export async function untilListening(
  addresses: Address[],
  gone: AbortSignal,
  onTouched: (local: string) => void,
  table: () => Set<string> | null = listeningSockets,
): Promise<void> {
  let left = addresses;
  while (!gone.aborted) {
    const known = table();
    const stillLeft: Address[] = [];
    for (const address of left) {
      const listens = known
        ? [`${address.host}:${address.port}`, `0.0.0.0:${address.port}`, `:::${address.port}`].some((name) =>
            known.has(name),
          )
        : await touch(address, onTouched);
      if (!listens) stillLeft.push(address);
    }
    left = stillLeft;
    if (left.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** `ip:port` of every listening IPv4 socket and `:::port` of every IPv6 one on any address; null where there is no such table. */
export function listeningSockets(): Set<string> | null {
  try {
    return new Set([
      ...listenersIn(readFileSync('/proc/net/tcp', 'latin1')).map(({ ip, port }) => `${ipv4(ip)}:${port}`),
      ...listenersIn(readFileSync('/proc/net/tcp6', 'latin1'))
        .filter(({ ip }) => /^0+$/.test(ip))
        .map(({ port }) => `:::${port}`),
    ]);
  } catch {
    return null;
  }
}

/** Rows of proc(5) /proc/net/tcp in state 0A, TCP_LISTEN. */
function listenersIn(table: string): { ip: string; port: number }[] {
  return [...table.matchAll(/^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A /gm)].map(
    ([, ip = '', port = '']) => ({ ip, port: Number.parseInt(port, 16) }),
  );
}

/** Four bytes in the order of the machine, which is little-endian wherever Node runs on Linux but s390x. */
function ipv4(hex: string): string {
  const bytes = hex.match(/../g)!.map((byte) => Number.parseInt(byte, 16));
  return bytes.reverse().join('.');
}

function touch({ host, port }: Address, onTouched: (local: string) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      onTouched(`${socket.localAddress}:${socket.localPort}`);
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
