import type net from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { ClientSpec } from '../../protos/control/fault-client.ts';
import { type Connection, secure, sendProxyHeader } from '../connect/connection.ts';
import { openSocket } from '../connect/open-socket.ts';
import { SocketEnd } from '../connect/socket-end.ts';
import type { Run } from '../run/run.ts';

/** TCP and the PROXY header of the spec; from here on the bytes are the fault's. */
export async function openRaw(client: ClientSpec, run: Run): Promise<Connection> {
  const raw = await openSocket(client, run);
  const end = run.trackEnd(new SocketEnd());
  end.watch(raw);
  if (client.proxyHeader) await sendProxyHeader(raw, client.proxyHeader);
  return { raw, stream: raw, end };
}

/** The same and TLS, offering `alpn` unless the spec says otherwise. What comes back is kept in the run. */
export async function openApplication(
  client: ClientSpec,
  run: Run,
  options: { alpn: string; plaintext: boolean },
): Promise<Connection> {
  const connection = await openRaw(client, run);
  if (options.plaintext) return keep(connection, run);
  return keep(await upgrade(connection, client, run, options.alpn), run);
}

/** TLS over a connection whose bytes so far were the fault's. */
export async function upgrade(
  connection: Connection,
  client: ClientSpec,
  run: Run,
  alpn = 'http/1.1',
  extra: Pick<ConnectionOptions, 'session'> = {},
): Promise<Connection> {
  run.phase = 'tls';
  const tls = { ...client.tls, alpn: client.tls?.alpn ?? [alpn] };
  const stream = await secure(connection.raw, connection.end, { ...client, tls }, run, extra);
  return { ...connection, stream };
}

/** Keep what comes back, and read on, so that the peer's end is seen. */
export function keep(connection: Connection, run: Run): Connection {
  connection.stream.on('data', (chunk: Buffer) => run.received(chunk));
  return connection;
}

/** How a fault ends its connection itself. */
export async function endBy(connection: Connection, how: 'fin' | 'rst'): Promise<void> {
  connection.end.self();
  if (how === 'rst') connection.raw.resetAndDestroy();
  else await finSent(connection.stream);
}

function finSent(stream: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', () => resolve());
    stream.end(() => resolve());
  });
}
