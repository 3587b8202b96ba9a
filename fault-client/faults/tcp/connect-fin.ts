import { fault } from '../fault.ts';
import { endBy, keep, openRaw } from '../open.ts';
import { noParams } from '../params.ts';

export const connectFin = fault({
  id: 'tcp-connect-fin',
  layer: 'tcp',
  summary: 'Connects and sends FIN without a byte.',
  params: noParams,
  peerMustSee: 'an end of the stream before the first byte',
  spec: 'RFC 9293 3.6',
  run: async (client, run) => {
    const connection = keep(await openRaw(client, run), run);
    await endBy(connection, 'fin');
    await connection.end.peerEnded;
  },
});
