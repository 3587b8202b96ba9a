import { Type } from '../../../protos/schema/type.ts';
import { writeAll } from '../../connect/write-pieces.ts';
import { runForge } from '../../tls-forge/run-forge.ts';
import { fault } from '../fault.ts';
import { keep, openRaw } from '../open.ts';
import { params } from '../params.ts';
import { capturedHello } from './captured-hello.ts';

export const stall = fault({
  id: 'tls-stall',
  layer: 'tls',
  summary: 'Stops in the handshake and waits for the peer to end.',
  params: params({
    stage: Type.Enum(['silent', 'half_hello', 'after_server_hello'], {
      default: 'silent',
      description: 'Where it stops.',
    }),
  }),
  peerMustSee: 'silence in the handshake until its own deadline ends the connection',
  spec: null,
  run: async (client, run, { stage }) => {
    if (stage === 'after_server_hello') {
      await runForge(client, run, { version: 'TLSv1.3', stall: 'after_server_hello' });
      return;
    }
    const connection = keep(await openRaw(client, run), run);
    run.phase = 'tls';
    if (stage === 'half_hello') {
      const hello = await capturedHello(client, run);
      await writeAll(connection.raw, hello.subarray(0, hello.length >> 1));
    }
    await connection.end.peerEnded;
  },
});
