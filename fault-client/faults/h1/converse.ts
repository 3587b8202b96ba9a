import type { Connection } from '../../connect/connection.ts';
import { writePieces } from '../../connect/write-pieces.ts';
import { ResponseReader } from '../../h1/response-reader.ts';
import { finishConnection } from '../../modes/finish-connection.ts';
import type { Run } from '../../run/run.ts';
import { endBy } from '../open.ts';

export type Script = {
  /** Written one after the other, each a segment of its own. */
  pieces: Buffer[];
  /** Stay for so many whole answers; `peer_end` stays until the peer ends, whatever it answers. */
  answers: number | 'peer_end';
  /** End this side directly after the last piece. */
  after?: 'fin' | 'rst';
};

/** Write the bytes, keep the answers as exchanges, and end politely where the peer does not end first. */
export async function converse(run: Run, connection: Connection, script: Script): Promise<void> {
  const reader = new ResponseReader(() => run.exchange());
  const enough = Promise.withResolvers<void>();
  connection.stream.on('data', (chunk: Buffer) => {
    reader.push(chunk);
    if (typeof script.answers === 'number' && reader.whole >= script.answers) enough.resolve();
  });
  connection.end.peerEnded.then(() => {
    if (connection.end.peerEnd === 'fin') reader.end();
    enough.resolve();
  });
  run.phase = 'request';
  try {
    await writePieces(connection.stream, script.pieces);
  } catch (error) {
    // A peer may refuse before it has everything; what it did is seen at its end.
    run.notes.push(`the peer ended while the fault was being sent: ${(error as Error).message}`);
  }
  if (script.after === 'rst') return endBy(connection, 'rst');
  if (script.after === 'fin') await endBy(connection, 'fin');
  run.phase = 'response';
  await enough.promise;
  run.phase = 'close';
  await finishConnection(run, connection, { close: () => void connection.stream.end() });
}
