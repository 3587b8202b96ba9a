import { Type } from '../../../protos/schema/type.ts';
import { responseOf } from '../../http/exchange-log.ts';
import { readH1Requests } from '../../raw-h1/h1-peer.ts';
import { fault } from '../fault.ts';

export const tlsNoCloseNotify = fault({
  id: 'tls-no-close-notify',
  layer: 'tls',
  summary: 'Answers an HTTP/1.1 request over TLS, then ends TCP with FIN and no close_notify.',
  peerMustSee: 'An answer, then FIN without close_notify: an eof-delimited body may be cut.',
  spec: 'RFC 8446 6.1, RFC 9112 9.8',
  stage: 'app',
  params: Type.Object(
    {
      body: Type.Enum(['length', 'eof'], { default: 'length', description: 'how the body is delimited' }),
    },
    { additionalProperties: false },
  ),
  run(connection, params) {
    readH1Requests(connection, () => {
      const body = 'half a body';
      const framing = params.body === 'length' ? `Content-Length: ${body.length}` : 'Connection: close';
      connection.stream.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n${body}`, () => {
        connection.observe(responseOf(200, null, Buffer.from(body)));
        connection.fault('tls-no-close-notify', 'FIN without close_notify');
        connection.endRaw();
      });
    });
  },
});
