import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { issueFixtures } from '../../protos/certificates/fixtures.ts';
import { startForge } from './testing.ts';

/** The first bytes that Node's own client sends. */
async function nodeClientHello(): Promise<Buffer> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const client = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ALPNProtocols: ['h2'] });
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [net.Socket];
  const [hello] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return hello;
}

test.each(['TLSv1.3', 'TLSv1.2'] as const)(
  'whatever a client sends, a %s forge reports and is gone with it',
  async (version) => {
    const { server: identity } = await issueFixtures();
    const hello = await nodeClientHello();
    const altered = fc
      .array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { maxLength: 4 })
      .map((changes) => {
        const bytes = Buffer.from(hello);
        for (const [at, value] of changes) bytes.writeUInt8(value, at);
        return bytes;
      });
    const bytes = fc.oneof(
      altered,
      fc.uint8Array({ minLength: 1, maxLength: 100 }).map((raw) => Buffer.from(raw)),
      fc.tuple(altered, fc.uint8Array({ maxLength: 100 })).map((parts) => Buffer.concat(parts)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (sent) => {
        const forge = await startForge({ ...identity, version, requestClientCert: true });
        const socket = net.connect(forge.port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.resume();
        socket.end(sent);
        const report = await forge.report;
        expect(report.did).toBeNull();
        expect(report.peerEnd !== null || report.error !== null || report.peerAlert !== null).toBe(true);
        await forge.close();
      }),
      { numRuns: 60 },
    );
  },
);
