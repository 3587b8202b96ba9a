import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { Type } from '../../../protos/schema/type.ts';
import { fault } from '../fault.ts';
import { openRaw, upgrade } from '../open.ts';
import { params } from '../params.ts';
import { request } from '../proxy/vector.ts';

export const resume = fault({
  id: 'tls-resume',
  layer: 'tls',
  summary: 'Gets one answer, connects again and resumes the TLS session of the first connection for another.',
  params: params({
    version: Type.Enum(['TLSv1.2', 'TLSv1.3'], { default: 'TLSv1.3', description: 'The version spoken.' }),
  }),
  peerMustSee: 'two connections, the second resumed: no certificate is shown or asked for again',
  spec: 'RFC 8446 2.2; RFC 5077',
  run: async (client, run, { version }) => {
    const ranged = { ...client, tls: { ...client.tls, minVersion: version, maxVersion: version } };
    const first = await upgrade(await openRaw(client, run), ranged, run);
    // A ticket of TLS 1.3 comes behind the handshake, one of TLS 1.2 inside it.
    const stream = first.stream as TLSSocket;
    let session: Buffer | undefined = stream.getSession();
    stream.on('session', (ticket: Buffer) => {
      session = ticket;
    });
    await request(client, run, first, true);
    if (!stream.destroyed) await once(stream, 'close');
    const second = await upgrade(await openRaw(client, run), ranged, run, undefined, { session });
    run.notes.push(`resumed: ${(second.stream as TLSSocket).isSessionReused()}`);
    await request(client, run, second, true);
  },
});
