import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { InfrastructureError } from '../exit-codes.ts';

/**
 * Ports of `host` that can be bound, for a program that cannot tell which port the system gave it. They lie below the
 * range the system takes ports of outgoing connections from, so that none is lost between here and the program's start.
 */
export async function freePorts(count: number, host: string): Promise<number[]> {
  const [low, high] = [10_240, Math.max(10_240 + 4096, firstOutgoingPort())];
  const ports: number[] = [];
  const start = Math.floor(Math.random() * (high - low));
  for (let tried = 0; ports.length < count && tried < high - low; tried++) {
    const port = low + ((start + tried) % (high - low));
    if (await canBind(port, host)) ports.push(port);
  }
  if (ports.length < count) throw new InfrastructureError(`no ${count} ports of ${host} are free`);
  return ports;
}

function firstOutgoingPort(): number {
  try {
    return Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10);
  } catch {
    // Not Linux. RFC 6335 6: outgoing connections take dynamic ports, from 49152 on.
    return 49_152;
  }
}

function canBind(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
