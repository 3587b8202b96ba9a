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
  /** Before each piece but the first: that many milliseconds, or until 100 (Continue) came or the patience is over. */
  between?: { ms: number } | { continueWithinMs: number };
  /** End this side directly after the last piece. */
  after?: 'fin' | 'rst';
};

/** Write the bytes, keep the answers as exchanges, and end politely where the peer does not end first. */
export async function converse(run: Run, connection: Connection, script: Script): Promise<void> {
  const reader = new ResponseReader(() => run.exchange());
  const enough = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  connection.stream.on('data', (chunk: Buffer) => {
    reader.push(chunk);
    if (reader.interim > 0) goOn.resolve();
    if (reader.whole > 0) answered.resolve();
    if (typeof script.answers === 'number' && reader.whole >= script.answers) enough.resolve();
  });
  connection.end.peerEnded.then(() => {
    if (connection.end.peerEnd === 'fin') reader.end();
    enough.resolve();
  });
  run.phase = 'request';
  try {
    if (!script.between) await writePieces(connection.stream, script.pieces);
    else {
      const over = Promise.race([answered.promise, enough.promise]);
      const interim = Promise.race([goOn.promise, over]);
      await writeWithPauses(connection, script.pieces, script.between, interim, over);
    }
  } catch (error) {
    // A peer may refuse before it has everything; what it did is seen at its end.
    run.notes.push(`the peer ended while the fault was being sent: ${(error as Error).message}`);
  }
  if (script.after === 'rst') return endBy(connection, 'rst');
  if (script.after === 'fin') await endBy(connection, 'fin');
  run.phase = 'response';
  await enough.promise;
  run.phase = 'close';
  await finishConnection(run, connection, {
    close: () => void connection.stream.end(),
    peerWillEnd: () => reader.answers.at(-1)?.headers.some(isClose) ?? false,
  });
}

function isClose([name, value]: [string, string]): boolean {
  return name.toLowerCase() === 'connection' && value.toLowerCase() === 'close';
}

/** A final answer or the end of the connection ends the writing: what is left of the request is no longer wanted. */
async function writeWithPauses(
  connection: Connection,
  pieces: Buffer[],
  between: NonNullable<Script['between']>,
  interim: Promise<void>,
  over: Promise<void>,
): Promise<void> {
  let isOver = false;
  void over.then(() => {
    isOver = true;
  });
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) {
      if ('ms' in between) await orAfter(between.ms, over);
      else await orAfter(between.continueWithinMs, interim);
    }
    if (isOver) return;
    await writePieces(connection.stream, [piece]);
  }
}

async function orAfter(ms: number, event: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([passed, event]);
  clearTimeout(timer);
}
