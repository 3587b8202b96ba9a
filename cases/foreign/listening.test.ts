import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { freePorts } from './free-ports.ts';
import { listeningSockets, untilListening } from './listening.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function listen(port: number, onConnection: (peer: string) => void = () => undefined): Promise<AddressInfo> {
  const server = createServer((socket) => {
    onConnection(`${socket.remoteAddress}:${socket.remotePort}`);
    socket.on('error', () => undefined).destroy();
  });
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve(server.address() as AddressInfo));
  });
}

test.skipIf(process.platform !== 'linux')(
  'the table of sockets tells who listens without a connection (Linux)',
  async () => {
    const touched: string[] = [];
    const peers: string[] = [];
    const [port] = await freePorts(1, '127.0.0.1');
    const ready = untilListening(
      [{ host: '127.0.0.1', port: port! }],
      new AbortController().signal,
      (local) => touched.push(local),
    );
    expect(listeningSockets()).not.toContain(`127.0.0.1:${port}`);
    await listen(port!, (peer) => peers.push(peer));
    await ready;
    expect(listeningSockets()).toContain(`127.0.0.1:${port}`);
    expect([touched, peers]).toEqual([[], []]);
  },
);

test('without such a table a connection tells it, and its own address is given away', async () => {
  const touched: string[] = [];
  const [port] = await freePorts(1, '127.0.0.1');
  const ready = untilListening(
    [{ host: '127.0.0.1', port: port! }],
    new AbortController().signal,
    (local) => touched.push(local),
    () => null,
  );
  const met = new Promise<string>((resolve) => {
    void listen(port!, resolve);
  });
  await ready;
  expect(touched).toEqual([await met]);
});

test('it ends when the program is gone', async () => {
  const gone = new AbortController();
  const [port] = await freePorts(1, '127.0.0.1');
  const ready = untilListening([{ host: '127.0.0.1', port: port! }], gone.signal, () => undefined);
  gone.abort();
  await expect(ready).resolves.toBeUndefined();
});

test('free ports are distinct and can all be bound', async () => {
  const ports = await freePorts(20, '127.0.0.1');
  expect(new Set(ports).size).toBe(20);
  for (const port of ports) expect((await listen(port)).port).toBe(port);
});
