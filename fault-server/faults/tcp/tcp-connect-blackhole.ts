import { Type } from '../../../protos/schema/type.ts';
import { openBlackhole } from '../../blackhole/blackhole.ts';
import { fault } from '../fault.ts';

export const tcpConnectBlackhole = fault({
  id: 'tcp-connect-blackhole',
  layer: 'tcp',
  summary:
    'Listens with a full backlog in a process that never accepts: connecting gets no answer. Linux only.',
  peerMustSee: 'No TCP connection; its own connect timeout.',
  spec: 'listen(2)',
  stage: 'accept',
  params: Type.Object({}, { additionalProperties: false }),
  run(connection) {
    connection.end();
  },
  listen: (endpoint) => openBlackhole(endpoint.host ?? '127.0.0.1', endpoint.port ?? 0),
});
