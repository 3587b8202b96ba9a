import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { InfrastructureError } from '../exit-codes.ts';

/**
 * Ports of `host` that can be bound, for a program that cannot tell which port the system gave it. They lie below the
 * range the system takes ports of outgoing connections from where there is room, and in blocks that this process holds, so that
 * neither a connection nor another run takes one between here and the program's start. None is given again before it is
 * released.
 */
export async function freePorts(count: number, host: string): Promise<number[]> {
  const idle = idleOf(host);
  while (idle.length < count + AT_REST) idle.push(...(await holdBlock(host)));
  const ports: number[] = [];
  const taken: number[] = [];
  try {
    while (ports.length < count) {
      const port = idle.shift();
      if (port === undefined) idle.push(...(await holdBlock(host)));
      else if (await listening(port, host, true)) ports.push(port);
      else taken.push(port);
    }
    return ports;
  } catch (error) {
    idle.push(...ports);
    throw error;
  } finally {
    // What a program outside took may be free the next time.
    idle.push(...taken);
  }
}

/** So many others are given before a released one is again: connections to it may still be closing. */
const AT_REST = 100;

/** The program that listened on them has ended. */
export function releasePorts(ports: number[], host: string): void {
  idleOf(host).push(...ports);
}

const idlePorts = new Map<string, number[]>();

/** The ports of the blocks held that nobody has; the one that rested longest is first. */
function idleOf(host: string): number[] {
  const idle = idlePorts.get(host) ?? [];
  idlePorts.set(host, idle);
  return idle;
}

/** The first port of a block says who holds it: while it is bound, the others of the block are its holder's. */
const blockSize = 256;

async function holdBlock(host: string): Promise<number[]> {
  const low = 10_240;
  const blocks = Math.max(16, Math.floor((firstOutgoingPort() - low) / blockSize));
  const start = Math.floor(Math.random() * blocks);
  for (let tried = 0; tried < blocks; tried++) {
    const first = low + ((start + tried) % blocks) * blockSize;
    const holder = await listening(first, host, false);
    if (holder === null) continue;
    holder.unref();
    return Array.from({ length: blockSize - 1 }, (_, index) => first + 1 + index);
  }
  throw new InfrastructureError(
    `no ports of ${host} are left for the proxy: each of ${blocks} blocks is held by another run, or its first port is taken`,
  );
}

function firstOutgoingPort(): number {
  try {
    return Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10);
  } catch {
    // Not Linux. RFC 6335 6: outgoing connections take dynamic ports, from 49152 on.
    return 49_152;
  }
}

/** A listener on the port, closed again where only `tried`; null when it cannot be bound. */
function listening(port: number, host: string, tried: boolean): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null);
      else reject(new InfrastructureError(`no port of ${host} can be tried: ${error.message}`));
    });
    server.listen({ port, host, exclusive: true }, () => {
      if (tried) server.close(() => resolve(server));
      else resolve(server);
    });
  });
}
