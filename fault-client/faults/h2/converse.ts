import {
  encodeGoaway,
  encodePing,
  encodeSettingsAck,
  encodeWindowUpdate,
} from '../../../protos/h2/frames.ts';
import type { Connection } from '../../connect/connection.ts';
import { writePieces } from '../../connect/write-pieces.ts';
import { FrameWatch } from '../../h2/frame-watch.ts';
import { finishConnection } from '../../modes/finish-connection.ts';
import type { Run } from '../../run/run.ts';
import { endBy } from '../open.ts';

export type H2Script = {
  /** Written one after the other, each a segment of its own; the preface and SETTINGS included. */
  pieces: Buffer[];
  /**
   * Stay until these streams are over; none: until the answer to a PING sent after the fault, which shows that the peer has
   * digested it; `peer_end`: until the peer says GOAWAY or ends. GOAWAY and an end always suffice.
   */
  until: number[] | 'ping' | 'peer_end';
  /** End this side directly after the last piece. */
  after?: 'fin' | 'rst';
  /** Window for this stream once its HEADERS came. */
  releaseWindow?: { streamId: number; bytes: number };
};

const pingBytes = Buffer.from('fault-00');

/** Play a script of frames by hand; what the peer answers becomes notes and the GOAWAY of the result. */
export async function converse(run: Run, connection: Connection, script: H2Script): Promise<void> {
  const watch = new FrameWatch();
  const enough = Promise.withResolvers<void>();
  const { stream, end } = connection;
  const write = (bytes: Buffer): void => {
    if (stream.writable) stream.write(bytes);
  };
  let acked = false;
  let released = script.releaseWindow === undefined;
  stream.on('data', (chunk: Buffer) => {
    watch.push(chunk);
    run.goaway = watch.goaway;
    if (watch.settingsSeen && !acked) {
      acked = true;
      write(encodeSettingsAck());
    }
    if (!released && watch.headersSeen.has(script.releaseWindow!.streamId)) {
      released = true;
      write(encodeWindowUpdate(script.releaseWindow!.streamId, script.releaseWindow!.bytes));
    }
    const over = (id: number): boolean => watch.endedStreams.has(id) || watch.rstCodes.has(id);
    const done =
      script.until === 'ping' ? watch.pingAcks > 0 : script.until !== 'peer_end' && script.until.every(over);
    if (done || watch.goaway) enough.resolve();
  });
  end.peerEnded.then(enough.resolve);
  run.phase = 'request';
  try {
    await writePieces(
      stream,
      script.until === 'ping' ? [...script.pieces, encodePing(pingBytes)] : script.pieces,
    );
  } catch (error) {
    run.notes.push(`the peer ended while the fault was being sent: ${(error as Error).message}`);
  }
  // A reset throws away what the peer has not read yet; the answer to the PING proves that it has read all.
  if (script.after === 'rst' && script.until === 'ping') await enough.promise;
  if (script.after) await endBy(connection, script.after);
  if (script.after !== 'rst') {
    run.phase = 'response';
    await enough.promise;
    run.phase = 'close';
    await finishConnection(run, connection, {
      close: () => {
        write(encodeGoaway(0, 0));
        stream.end();
      },
    });
  }
  for (const [streamId, code] of watch.rstCodes)
    run.notes.push(`RST_STREAM of stream ${streamId} with code ${code}`);
  for (const streamId of watch.endedStreams) run.notes.push(`stream ${streamId} was answered to its end`);
}
