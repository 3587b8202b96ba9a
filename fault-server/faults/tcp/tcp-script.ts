import { Type } from '../../../protos/schema/type.ts';
import { fault } from '../fault.ts';

export const tcpScript = fault({
  id: 'tcp-script',
  layer: 'tcp',
  summary:
    'Says what it is told, each piece once it has read so many bytes; for protocols that no other fault speaks.',
  peerMustSee: 'The bytes of each turn in answer to its own, then the end that was chosen.',
  spec: null,
  stage: 'app',
  params: Type.Object(
    {
      turns: Type.Array(
        Type.Object(
          { take: Type.Integer({ minimum: 0 }), say: Type.String() },
          { additionalProperties: false },
        ),
        { default: [{ take: 1, say: '+OK\r\n' }], description: 'bytes to read, then what is said (Latin-1)' },
      ),
      end: Type.Enum(['peer', 'fin', 'rst'], {
        default: 'peer',
        description: 'after the last turn: wait for the peer, or end',
      }),
    },
    { additionalProperties: false },
  ),
  run(connection, { turns, end }) {
    let left = 0;
    let next = 0;
    let isOver = false;
    const goOn = (): void => {
      for (let turn = turns[next]; turn !== undefined && left >= turn.take; turn = turns[next]) {
        left -= turn.take;
        next++;
        connection.stream.write(turn.say, 'latin1');
      }
      if (next < turns.length || isOver) return;
      isOver = true;
      connection.fault('tcp-script', `${turns.length} turns, then ${end}`);
      if (end === 'rst') connection.reset();
      else if (end === 'fin') connection.end();
    };
    connection.stream.on('data', (chunk: Buffer) => {
      left += chunk.length;
      goOn();
    });
    connection.stream.once('end', () => connection.end());
    goOn();
  },
});
