import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { issueFixtures } from '../../protos/certificates/fixtures.ts';
import { forgeTo } from './testing.ts';

type Change = [at: number, flip: number];

/** Relays to Node's server and flips bits of the answer at the given offsets, then cuts it at `cut`. */
async function alteringRelay(serverPort: number, changes: Change[], cut: number) {
  const relay = net.createServer((socket) => {
    const onward = net.connect(serverPort, '127.0.0.1');
    let offset = 0;
    onward.on('data', (chunk: Buffer) => {
      for (const [at, flip] of changes) {
        const inside = at - offset;
        if (inside >= 0 && inside < chunk.length) chunk.writeUInt8(chunk.readUInt8(inside) ^ flip, inside);
      }
      const room = Math.max(0, cut - offset);
      offset += chunk.length;
      if (room >= chunk.length) socket.write(chunk);
      else socket.end(chunk.subarray(0, room));
    });
    onward.on('end', () => socket.end());
    socket.on('data', (chunk) => onward.write(chunk));
    socket.on('end', () => onward.end());
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  return { port: (relay.address() as AddressInfo).port, close: () => relay.close() };
}

test.each(['TLSv1.3', 'TLSv1.2'] as const)(
  'whatever a server answers, a %s forge reports and is gone with it',
  async (version) => {
    const { server: identity } = await issueFixtures();
    const server = tls.createServer(identity, (socket) => {
      socket.on('error', () => undefined);
      socket.end('hello');
    });
    server.on('tlsClientError', (_, socket) => socket.destroy());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const changes = fc.array(fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 255 })), { maxLength: 3 });
    // Inside the server's first flight: a length that was made longer must meet the end, not wait for more.
    const cuts = fc.integer({ min: 1, max: 500 });
    await fc.assert(
      fc.asyncProperty(changes, cuts, async (list, cut) => {
        const relay = await alteringRelay(port, list, cut);
        const report = await forgeTo(relay.port, { version, request: Buffer.from('hi') });
        expect(report.did).toBeNull();
        expect(report.peerEnd !== null || report.error !== null || report.peerAlert !== null).toBe(true);
        relay.close();
      }),
      { numRuns: 60 },
    );
  },
);
