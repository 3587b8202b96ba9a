import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * A port that refuses: nobody listens there, and the local end of a connection holds it, so that the kernel gives it to
 * nobody who asks for any port. A closed port alone could be taken by the next program.
 */
export async function openRefused(
  host: string,
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  const accepted: Socket[] = [];
  const listener = createServer((socket) => accepted.push(socket));
  listener.listen(0, host);
  await once(listener, 'listening');
  const holder = connect({
    host,
    port: (listener.address() as AddressInfo).port,
    localAddress: host,
    localPort: port,
  });
  try {
    await once(holder, 'connect');
  } catch (error) {
    listener.close();
    throw error;
  }
  return {
    port: holder.localPort ?? 0,
    close: () =>
      new Promise((resolve) => {
        // The other end first, so that no TIME_WAIT keeps the port.
        for (const socket of accepted) socket.resetAndDestroy();
        holder.destroy();
        listener.close(() => resolve());
      }),
  };
}
