import Type from 'typebox';
import { fault } from '../fault.ts';

export const tcpAcceptRst = fault({
  id: 'tcp-accept-rst',
  layer: 'tcp',
  summary: 'Accepts and resets the connection at once.',
  peerMustSee: 'Connected, then TCP RST without a byte.',
  spec: 'RFC 9293 3.5.3',
  stage: 'accept',
  params: Type.Object({}, { additionalProperties: false }),
  run(connection) {
    connection.fault('tcp-accept-rst', 'TCP RST on accept');
    connection.reset();
  },
});
