import { Type } from '../../../protos/schema/type.ts';
import { fault } from '../fault.ts';

export const tlsClose = fault({
  id: 'tls-close',
  layer: 'tls',
  summary:
    'Ends the connection in the handshake: before the ClientHello is answered, or inside the ServerHello.',
  peerMustSee: 'The connection ended, by FIN or RST, with the handshake undone and no alert.',
  spec: 'RFC 8446 6.1',
  stage: 'bytes',
  params: Type.Object(
    {
      how: Type.Enum(['fin', 'rst'], { default: 'fin', description: 'how it ends' }),
      stage: Type.Enum(['before_hello', 'after_hello'], {
        default: 'before_hello',
        description: 'when it ends',
      }),
    },
    { additionalProperties: false },
  ),
  run(connection, params) {
    connection.raw.once('data', () => {
      const close = () => (params.how === 'rst' ? connection.reset() : connection.end());
      connection.fault('tls-close', `${params.how} ${params.stage}`);
      if (params.stage === 'before_hello') close();
      else connection.raw.write(Buffer.from('160303007a020000760303', 'hex'), close);
      connection.raw.resume();
    });
    connection.raw.once('end', () => connection.end());
  },
});
