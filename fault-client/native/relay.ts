import { once } from 'node:events';
import net from 'node:net';
import type { ClientSpec } from '../../protos/control/fault-client.ts';
import { type Connection, sendProxyHeader } from '../connect/connection.ts';
import { openSocket } from '../connect/open-socket.ts';
import { SocketEnd } from '../connect/socket-end.ts';
import type { Run } from '../run/run.ts';
import { shaped } from '../shaping/shape-connection.ts';

/**
 * A TCP relay of one run on loopback: grpc-js can neither bind a source address nor send a PROXY header, so it
 * connects here, and the relay does both towards the target. TLS passes through untouched, end to end.
 */
export type Relay = {
  address: string;
  /** The newest connection towards the target. */
  connection(): Connection | null;
  /** Bytes that came from the library and went on to the target, over all connections. */
  forwardedBytes(): number;
  /** Resolves when `forwardedBytes` has reached `bytes`. */
  forwarded(bytes: number): Promise<void>;
};

export async function openRelay(spec: ClientSpec, run: Run): Promise<Relay> {
  let newest: Connection | null = null;
  let bytes = 0;
  let waiting: { bytes: number; resolve: () => void }[] = [];
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    for (const one of waiting) if (bytes >= one.bytes) one.resolve();
    waiting = waiting.filter((one) => bytes < one.bytes);
  };
  const server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (local) => {
    run.own(local);
    local.on('error', () => {});
    join(local, spec, run, count).then(
      (connection) => {
        newest = connection;
      },
      (error) => {
        run.relayError ??= error;
        local.destroy();
      },
    );
  });
  run.own({ destroy: () => server.close() });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    connection: () => newest,
    forwardedBytes: () => bytes,
    forwarded: (wanted) =>
      bytes >= wanted
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push({ bytes: wanted, resolve })),
  };
}

async function join(
  local: net.Socket,
  spec: ClientSpec,
  run: Run,
  count: (chunk: Buffer) => void,
): Promise<Connection> {
  const raw = await openSocket(spec, run);
  const end = run.trackEnd(new SocketEnd());
  end.watch(raw);
  if (spec.proxyHeader) await sendProxyHeader(raw, spec.proxyHeader);
  const carrier = shaped('wire', raw, { spec, run, raw, end });
  local.on('data', (chunk: Buffer) => {
    if (!carrier.writable) return;
    if (!carrier.write(chunk, () => count(chunk))) local.pause();
  });
  carrier.on('drain', () => local.resume());
  carrier.on('data', (chunk: Buffer) => {
    // What a library that is gone takes no more is read nevertheless: how the peer ends lies behind it.
    if (!local.destroyed && !local.write(chunk)) carrier.pause();
  });
  local.on('drain', () => carrier.resume());
  local.on('end', () => {
    end.self();
    carrier.end();
  });
  carrier.on('error', () => {});
  carrier.on('end', () => local.end());
  // A reset is passed on as a reset, so that the library sees what there was to see.
  raw.on('close', () => (end.peerEnd === 'rst' ? local.resetAndDestroy() : local.destroy()));
  local.on('close', () => {
    if (end.peerEnd === null) end.self();
    if (!raw.destroyed) carrier.end(() => carrier.resume());
  });
  local.resume();
  return { raw, stream: raw, end };
}
