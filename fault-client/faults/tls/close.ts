import { Type } from '../../../protos/schema/type.ts';
import { writeAll } from '../../connect/write-pieces.ts';
import { fault } from '../fault.ts';
import { endBy, keep, openRaw } from '../open.ts';
import { params } from '../params.ts';
import { capturedHello } from './captured-hello.ts';

export const close = fault({
  id: 'tls-close',
  layer: 'tls',
  summary: 'Ends the connection in the handshake, before or after its ClientHello.',
  params: params({
    how: Type.Enum(['fin', 'rst'], { default: 'fin', description: 'How it ends.' }),
    stage: Type.Enum(['before_hello', 'after_hello'], {
      default: 'after_hello',
      description: 'When it ends.',
    }),
  }),
  peerMustSee: 'the end as it was, FIN or reset, in the handshake',
  spec: 'RFC 8446 6.1',
  run: async (client, run, { how, stage }) => {
    const connection = keep(await openRaw(client, run), run);
    run.phase = 'tls';
    if (stage === 'after_hello') await writeAll(connection.raw, await capturedHello(client, run));
    await endBy(connection, how);
    if (how === 'fin') await connection.end.peerEnded;
  },
});
