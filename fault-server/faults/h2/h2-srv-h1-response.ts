import { Type } from '../../../protos/schema/type.ts';
import { H2Peer } from '../../raw-h2/h2-peer.ts';
import { fault } from '../fault.ts';

export const h2SrvH1Response = fault({
  id: 'h2-srv-h1-response',
  layer: 'h2',
  summary: 'Answers the HTTP/2 preface with an HTTP/1.1 answer.',
  peerMustSee: 'A connection error: the first bytes are no SETTINGS frame.',
  spec: 'RFC 9113 3.4',
  stage: 'app',
  params: Type.Object({}, { additionalProperties: false }),
  run(connection) {
    // The answer to the preface, held back until a request is open: which of the two is first must not be left to chance.
    new H2Peer(connection, {
      settings: null,
      acknowledge: false,
      head: () => {
        connection.fault('h2-srv-h1-response', 'HTTP/1.1 400 to the preface');
        connection.stream.write(
          'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
          () => connection.end(),
        );
      },
    });
  },
});
