import net from 'node:net';
import type { ClientSpec } from '../../protos/control/fault-client.ts';
import type { Run } from '../run/run.ts';
import { inPhase, RunError } from '../run/run-error.ts';

/** Connect one TCP socket from the bound address. It is reported to the run before any byte is written. */
export function openSocket(spec: ClientSpec, run: Run): Promise<net.Socket> {
  const { host, port } = parseTarget(spec.target);
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, localAddress: spec.bind, allowHalfOpen: true, noDelay: true });
    run.own(socket);
    const failed = (error: Error): void => reject(inPhase('connect', error));
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      // A listener for the socket's whole life: a reset at any moment is an observation, never a crash.
      socket.on('error', () => {});
      run.connected(socket);
      resolve(socket);
    });
  });
}

/** `host:port` or `[v6]:port`. */
export function parseTarget(target: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(target);
  const port = Number(match?.[3]);
  if (!match || port < 1 || port > 65535)
    throw new RunError('connect', 'BAD_TARGET', `"${target}" is not host:port, such as localhost:8443`);
  return { host: match[1] ?? match[2]!, port };
}

/** `ip:port`, IPv6 in brackets. */
export function formatAddress(address: string | undefined, port: number | undefined): string {
  if (!address) return '';
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
