import type { TLSSocket } from 'node:tls';
import { Type } from '../../../protos/schema/type.ts';
import { inPhase } from '../../run/run-error.ts';
import { fault } from '../fault.ts';
import { openRaw, upgrade } from '../open.ts';
import { params } from '../params.ts';
import { request } from '../proxy/vector.ts';

const tls12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;

export const renegotiate = fault({
  id: 'tls-renegotiate',
  layer: 'tls',
  summary: 'Renegotiates its TLS 1.2 session again and again, then sends one GET.',
  params: params({
    count: Type.Integer({
      minimum: 1,
      maximum: 1_000,
      default: 10,
      description: 'Handshakes behind the first.',
    }),
  }),
  peerMustSee:
    'another handshake over the first; of many its own limit (Node: three in ten minutes) or a refusal',
  spec: 'RFC 5746; CVE-2011-1473',
  run: async (client, run, { count }) => {
    const ranged = { ...client, tls: { ...client.tls, ...tls12 } };
    const connection = await upgrade(await openRaw(client, run), ranged, run);
    const stream = connection.stream as TLSSocket;
    // Read on, so that the answers to the handshakes are seen.
    stream.resume();
    for (let done = 0; done < count; done += 1) {
      await once(stream);
      run.notes.push(`renegotiated ${done + 1}`);
    }
    await request(client, run, connection, true);
  },
});

/** One more handshake; rejects when the peer ends the connection instead. */
function once(stream: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(inPhase('tls', new Error('the peer ended the connection')));
    stream.once('close', ended).once('end', ended);
    const began = stream.renegotiate({ rejectUnauthorized: false }, (error) => {
      stream.off('close', ended).off('end', ended);
      if (error) reject(inPhase('tls', error));
      else resolve();
    });
    if (began === false) ended();
  });
}
