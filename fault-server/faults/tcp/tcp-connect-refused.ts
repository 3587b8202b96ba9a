import { Type } from '../../../protos/schema/type.ts';
import { openRefused } from '../../blackhole/refused-port.ts';
import { fault } from '../fault.ts';

export const tcpConnectRefused = fault({
  id: 'tcp-connect-refused',
  layer: 'tcp',
  summary: 'Holds a port without listening there: connecting is refused.',
  peerMustSee: 'ECONNREFUSED at once; no TCP connection.',
  spec: 'RFC 9293 3.5.3',
  stage: 'accept',
  params: Type.Object({}, { additionalProperties: false }),
  run(connection) {
    connection.end();
  },
  listen: (endpoint) => openRefused(endpoint.host ?? '127.0.0.1', endpoint.port ?? 0),
});
