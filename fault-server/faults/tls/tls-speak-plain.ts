import { Type } from '../../../protos/schema/type.ts';
import { fault } from '../fault.ts';

export const tlsSpeakPlain = fault({
  id: 'tls-speak-plain',
  layer: 'tls',
  summary: 'Answers the ClientHello with an HTTP/1.1 400 in plaintext.',
  peerMustSee: 'The handshake fails: what came is no TLS record.',
  spec: 'RFC 8446 5.1',
  stage: 'bytes',
  params: Type.Object({}, { additionalProperties: false }),
  run(connection) {
    connection.raw.once('data', () => {
      connection.fault('tls-speak-plain', 'HTTP/1.1 400 to a ClientHello');
      connection.raw.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    });
    connection.raw.once('end', () => connection.end());
  },
});
