import Type from 'typebox';
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
    connection.stream.once('data', () => {
      connection.fault('h2-srv-h1-response', 'HTTP/1.1 400 to the preface');
      connection.stream.write(
        'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
        () => connection.end(),
      );
      connection.stream.resume();
    });
    connection.stream.once('end', () => connection.end());
  },
});
