import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { endOrReset } from '../testing/hidden-reset.ts';
import { forgeClient } from './client.ts';
import type { ForgeClientPlan, ForgeClientReport } from './plan.ts';

/**
 * Node's TLS server on a free port, for tests, and what it reports of its one connection, in order: `secure <version>
 * <alpn>`, `data <text>`, `end`, `alert <number>`, `error <code>`, `close`. It answers data with `answer` and ends.
 */
export async function startNodeServer(options: tls.TlsOptions & { answer?: string }): Promise<{
  port: number;
  events: string[];
  servername: () => string | null;
  clientCertificate: () => string | null;
  settled: Promise<void>;
  close: () => Promise<void>;
}> {
  const events: string[] = [];
  const settled = Promise.withResolvers<void>();
  let servername: string | null = null;
  let clientCertificate: string | null = null;
  const failed = (error: NodeJS.ErrnoException) => {
    const alert = /SSL alert number (\d+)/.exec(error.message)?.[1];
    events.push(alert ? `alert ${alert}` : ended(error));
  };
  const finished = () => {
    events.push('close');
    settled.resolve();
  };
  const server = tls.createServer(options, (socket) => {
    events.push(`secure ${socket.getProtocol()} ${socket.alpnProtocol || '-'}`);
    servername = (socket as { servername?: string | false }).servername || null;
    clientCertificate = socket.getPeerX509Certificate()?.subject ?? null;
    socket.on('data', (chunk) => {
      events.push(`data ${chunk}`);
      if (options.answer !== undefined) socket.end(options.answer);
    });
    socket.prependListener('end', () =>
      events.push(endOrReset(socket) === 'end' ? 'end' : 'error ECONNRESET read'),
    );
    socket.on('error', failed);
    socket.on('close', finished);
  });
  server.on('tlsClientError', (error, socket) => {
    failed(error);
    // After a handshake timeout Node leaves the socket open.
    socket.destroy();
    settled.resolve();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.close();
    await once(server, 'close');
  };
  return {
    port: (server.address() as AddressInfo).port,
    events,
    servername: () => servername,
    clientCertificate: () => clientCertificate,
    settled: settled.promise,
    close,
  };
}

export async function forgeTo(port: number, plan: ForgeClientPlan): Promise<ForgeClientReport> {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return forgeClient(socket, plan);
}

/** Node says ECONNRESET for a FIN inside a handshake too; only the kernel's reset names a system call. */
function ended(error: NodeJS.ErrnoException): string {
  return error.syscall ? `error ${error.code} ${error.syscall}` : `error ${error.code}`;
}
