import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import type { Side, Tap } from '../tap.ts';

/** Every chunk in the order it passed. */
export type Passed = { from: Side; chunk: Buffer }[];

/**
 * A plain TCP relay in front of `upstreamPort` that shows the tap every chunk before it passes on, and closes the tap when a
 * side ended with exchanges open. Resolves `over` when the first connection is.
 */
export async function pipe(
  upstreamPort: number,
  tap: Tap,
): Promise<{ port: number; passed: Passed; over: Promise<void>; stop(): void }> {
  const passed: Passed = [];
  const over = Promise.withResolvers<void>();
  const server: Server = createServer((client) => {
    const upstream = connect(upstreamPort, '127.0.0.1');
    const sockets = { client, upstream };
    for (const [from, other] of [
      ['client', upstream],
      ['upstream', client],
    ] as const) {
      const ended = (how: 'fin' | 'rst') => {
        const verdict = tap.causeOf(from, how);
        tap.end(from, how);
        tap.close({ cause: verdict?.cause ?? 'graceful', error: verdict?.error ?? '', timedOut: false });
        other.destroy();
        over.resolve();
      };
      sockets[from].on('data', (chunk) => {
        passed.push({ from, chunk: Buffer.from(chunk) });
        tap.data(from, chunk);
        other.write(chunk);
      });
      sockets[from].on('end', () => ended('fin'));
      sockets[from].on('error', () => ended('rst'));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    passed,
    over: over.promise,
    stop: () => server.close(),
  };
}
