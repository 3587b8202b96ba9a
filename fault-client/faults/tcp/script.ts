import { Type } from '../../../protos/schema/type.ts';
import { writeAll } from '../../connect/write-pieces.ts';
import { finishConnection } from '../../modes/finish-connection.ts';
import { fault } from '../fault.ts';
import { endBy, openApplication } from '../open.ts';
import { params } from '../params.ts';

export const script = fault({
  id: 'tcp-script',
  layer: 'tcp',
  summary:
    'Says what it is told, and after each piece waits for so many bytes; for protocols that no other client speaks.',
  peerMustSee: 'the bytes of each turn, then the end that was chosen',
  spec: null,
  params: params({
    turns: Type.Array(
      Type.Object(
        { say: Type.String(), take: Type.Integer({ minimum: 0 }) },
        { additionalProperties: false },
      ),
      {
        default: [{ say: 'PING\r\n', take: 1 }],
        description: 'What is said (Latin-1), and bytes to wait for then.',
      },
    ),
    end: Type.Enum(['fin', 'rst', 'peer'], {
      default: 'fin',
      description: 'After the last turn: end, or wait for the peer.',
    }),
  }),
  run: async (client, run, { turns, end }) => {
    const connection = await openApplication(client, run, { alpn: 'http/1.1', plaintext: !client.tls });
    let read = 0;
    let wanted = 0;
    let enough: (() => void) | null = null;
    connection.stream.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (read >= wanted) enough?.();
    });
    run.phase = 'request';
    for (const { say, take } of turns) {
      wanted += take;
      await writeAll(connection.stream, Buffer.from(say, 'latin1'));
      const came = new Promise<void>((resolve) => {
        enough = resolve;
      });
      if (read < wanted) await Promise.race([came, connection.end.peerEnded]);
    }
    run.phase = 'close';
    if (end === 'rst') return endBy(connection, 'rst');
    if (end === 'peer') await connection.end.peerEnded;
    await finishConnection(run, connection, { close: () => void connection.stream.end() });
  },
});
