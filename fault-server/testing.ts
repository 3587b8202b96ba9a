import { connect, type Socket } from 'node:net';
import { constants } from 'node:os';
import { onTestFinished } from 'vitest';
import { issueFixtures } from '../protos/certificates/fixtures.ts';
import type { EndpointSpec, ServerObservation } from '../protos/control/fault-server.ts';
import { openEndpoint } from './endpoints/endpoint.ts';

/** An endpoint of this process and what it observed; closed when the test ends. */
export type Opened = {
  port: number;
  rewind(): void;
  seen: ServerObservation[];
  /** Resolves with the first observation of this kind, of the past or to come. */
  until<K extends ServerObservation['observation']>(
    kind: K,
  ): Promise<Extract<ServerObservation, { observation: K }>>;
};

type Identity = { cert: string; key: string };
let issued: Promise<Record<string, Identity>> | null = null;

/** The fixture certificates, issued once for a test file. */
export function fixtures(): Promise<Record<string, Identity>> {
  issued ??= issueFixtures();
  return issued;
}

export async function open(spec: Omit<EndpointSpec, 'name'>): Promise<Opened> {
  const identities = await fixtures();
  const seen: ServerObservation[] = [];
  const waiting = new Set<() => void>();
  let conn = 0;
  const endpoint = await openEndpoint(
    { name: 'tested', ...spec },
    {
      identities: (name) => {
        const identity = identities[name];
        if (!identity) throw new Error(`no certificate "${name}"`);
        return identity;
      },
      observe: (observation) => {
        seen.push(observation);
        for (const check of waiting) check();
      },
      nextConn: () => ++conn,
    },
  );
  onTestFinished(() => endpoint.close());
  return {
    port: endpoint.port,
    rewind: () => endpoint.rewind(),
    seen,
    until: (kind) =>
      new Promise((resolve) => {
        const check = () => {
          const found = seen.find((observation) => observation.observation === kind);
          if (!found) return;
          waiting.delete(check);
          resolve(found as never);
        };
        waiting.add(check);
        check();
      }),
  };
}

export type RawPeer = { socket: Socket; received: Buffer; end: 'fin' | 'rst' };

/** Connects by plain TCP, sends `bytes`, and resolves when the server has ended the connection. */
export async function rawExchange(port: number, bytes: string | Buffer): Promise<RawPeer> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: false });
  const parts: Buffer[] = [];
  let end: 'fin' | 'rst' = 'fin';
  socket.on('data', (chunk: Buffer) => parts.push(chunk));
  // Before Node answers the end with a FIN, after which a FIN of the peer would leave the same trace.
  socket.prependListener('end', () => {
    if (libuvHidesResets && isForgotten(socket)) end = 'rst';
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE') end = 'rst';
  });
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  // Not by once(): that rejects on the error which is what is looked for.
  await new Promise((resolve) => socket.once('close', resolve));
  return { socket, received: Buffer.concat(parts), end };
}

const [uvMajor = 0, uvMinor = 0] = process.versions.uv.split('.').map(Number);

/** Before libuv 1.52 (Node 22) an RST behind data is read as an end (libuv/libuv#4997). */
export const libuvHidesResets = uvMajor === 1 && uvMinor < 52;

/** For titles of tests whose only witness is Node's TLS inside a handshake, where that libuv leaves nothing to ask. */
export const needsResets = 'needs libuv 1.52: an older one reads the RST as an end';

/** Linux knows no peer any more after an RST. */
function isForgotten(socket: Socket): boolean {
  const { _handle: handle } = socket as unknown as { _handle: { getpeername(out: object): number } | null };
  return handle?.getpeername({}) === -constants.errno.ENOTCONN;
}
