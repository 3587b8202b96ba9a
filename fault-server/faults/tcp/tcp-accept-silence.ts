import { Type } from '../../../protos/schema/type.ts';
import { fault } from '../fault.ts';

export const tcpAcceptSilence = fault({
  id: 'tcp-accept-silence',
  layer: 'tcp',
  summary: 'Accepts and then neither reads an answer out of itself nor ends.',
  peerMustSee: 'Connected, then silence: no byte, no end; its own timeout.',
  spec: null,
  stage: 'accept',
  params: Type.Object({}, { additionalProperties: false }),
  run(connection) {
    connection.fault('tcp-accept-silence', 'silent from accept on');
    connection.raw.resume();
    connection.raw.once('end', () => connection.end());
  },
});
