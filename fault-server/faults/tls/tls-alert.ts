import { Type } from '../../../protos/schema/type.ts';
import { fault } from '../fault.ts';

export const tlsAlert = fault({
  id: 'tls-alert',
  layer: 'tls',
  summary: 'Answers the ClientHello with a fatal alert in plaintext.',
  peerMustSee: 'The handshake fails with the alert of that number.',
  spec: 'RFC 8446 6.2',
  stage: 'bytes',
  params: Type.Object(
    {
      code: Type.Integer({ default: 40, minimum: 0, maximum: 255, description: 'number of the alert' }),
      level: Type.Integer({ default: 2, minimum: 0, maximum: 255, description: '1 warning, 2 fatal' }),
    },
    { additionalProperties: false },
  ),
  run(connection, params) {
    connection.raw.once('data', () => {
      connection.fault('tls-alert', `fatal alert ${params.code}`);
      connection.raw.end(Buffer.of(21, 3, 3, 0, 2, params.level, params.code));
    });
    connection.raw.once('end', () => connection.end());
  },
});
