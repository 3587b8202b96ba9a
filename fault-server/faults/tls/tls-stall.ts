import { Type } from '../../../protos/schema/type.ts';
import { fault } from '../fault.ts';

export const tlsStall = fault({
  id: 'tls-stall',
  layer: 'tls',
  summary: 'Stops answering in the handshake: at once, or after half of a ServerHello record.',
  peerMustSee: 'A handshake that goes on for ever; its own timeout.',
  spec: 'RFC 8446 4.1.3',
  stage: 'bytes',
  params: Type.Object(
    {
      stage: Type.Enum(['silent', 'after_hello'], { default: 'silent', description: 'where it stalls' }),
    },
    { additionalProperties: false },
  ),
  run(connection, params) {
    connection.raw.once('data', () => {
      connection.fault('tls-stall', params.stage);
      // A handshake record of 122 bytes that starts a ServerHello, and then nothing.
      if (params.stage === 'after_hello') connection.raw.write(Buffer.from('160303007a020000760303', 'hex'));
    });
    connection.raw.once('end', () => connection.end());
  },
});
