import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import type { ForgeServerPlan, ForgeServerReport } from './plan.ts';
import { forgeServer } from './server.ts';

/** One forged server on a free port, for tests: the first connection's report, and Node's or OpenSSL's way to it. */
export async function startForge(plan: ForgeServerPlan): Promise<{
  port: number;
  report: Promise<ForgeServerReport>;
  /** Resolves when the plan has misbehaved. */
  acted: Promise<void>;
  close: () => Promise<void>;
}> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer();
  const acted = Promise.withResolvers<void>();
  const report = new Promise<ForgeServerReport>((resolve, reject) => {
    server.on('connection', (socket) => {
      sockets.add(socket);
      forgeServer(socket, plan, ({ did }) => {
        if (did !== null) acted.resolve();
      }).then(resolve, reject);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port: (server.address() as AddressInfo).port, report, acted: acted.promise, close };
}

/**
 * What Node's client reports, in order: `secure`, `data <text>`, `end`, `alert <number>`, `error <code>`, `close`. The
 * names in OpenSSL's error codes change between its versions, the alert number in the message does not.
 */
export async function nodeClientEvents(
  options: tls.ConnectionOptions & { write?: string; giveUp?: Promise<void> },
): Promise<{ events: string[]; protocol: string | null; alpn: string | false | null }> {
  const events: string[] = [];
  const socket = tls.connect({ host: '127.0.0.1', rejectUnauthorized: false, ...options });
  let protocol: string | null = null;
  socket.on('secureConnect', () => {
    events.push('secure');
    protocol = socket.getProtocol();
    if (options.write !== undefined) socket.write(options.write);
  });
  socket.on('data', (chunk: Buffer) => events.push(`data ${chunk}`));
  socket.on('end', () => events.push('end'));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const alert = /SSL alert number (\d+)/.exec(error.message)?.[1];
    events.push(alert ? `alert ${alert}` : ended(error));
  });
  options.giveUp?.then(() => socket.destroy());
  await new Promise<void>((resolve) => {
    socket.on('close', () => {
      events.push('close');
      resolve();
    });
  });
  return { events, protocol, alpn: socket.alpnProtocol };
}

/** Node says ECONNRESET for a FIN inside a handshake too; only the kernel's reset names a system call. */
function ended(error: NodeJS.ErrnoException): string {
  return error.syscall ? `error ${error.code} ${error.syscall}` : `error ${error.code}`;
}
