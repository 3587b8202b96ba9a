import { Type } from '../../../protos/schema/type.ts';
import { fault } from '../fault.ts';

export const tcpAcceptFin = fault({
  id: 'tcp-accept-fin',
  layer: 'tcp',
  summary: 'Accepts and ends the connection at once with FIN.',
  peerMustSee: 'Connected, then FIN without a byte.',
  spec: 'RFC 9293 3.6',
  stage: 'accept',
  params: Type.Object({}, { additionalProperties: false }),
  run(connection) {
    connection.fault('tcp-accept-fin', 'FIN on accept');
    connection.end();
    connection.raw.resume();
    connection.raw.once('end', () => connection.destroy());
  },
});
