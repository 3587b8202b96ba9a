import { setTimeout as elapsed } from 'node:timers/promises';
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
  /** The preface and SETTINGS, each a segment of its own. */
  opening: Buffer[];
  /** Written after it, each a segment of its own. */
  pieces: Buffer[];
  /** False: the pieces do not wait for the peer's SETTINGS, which are acknowledged first. */
  settled?: boolean;
  /** False: the peer's SETTINGS stay unacknowledged. */
  acknowledge?: boolean;
  /**
   * Stay until these streams are over; none: until the answer to a PING sent after the fault, which shows that the peer has
   * digested it; `peer_end`: until the peer says GOAWAY or ends. GOAWAY and an end always suffice.
   */
  until: number[] | 'ping' | 'peer_end';
  /** End this side directly after the last piece. */
  after?: 'fin' | 'rst';
  /** Window for this stream once its HEADERS came. */
  releaseWindow?: { streamId: number; bytes: number };
  /** Written once the peer has said GOAWAY. */
  afterGoaway?: Buffer;
  /** Read nothing for this long after the last piece. */
  unreadMs?: number;
};

const pingBytes = Buffer.from('fault-00');

/** Play a script of frames by hand; what the peer answers becomes notes and the GOAWAY of the result. */
export async function converse(run: Run, connection: Connection, script: H2Script): Promise<void> {
  const { stream, end } = connection;
  const watch = new FrameWatch();
  const settled = Promise.withResolvers<void>();
  const enough = Promise.withResolvers<void>();
  const write = (bytes: Buffer): void => {
    if (stream.writable) stream.write(bytes);
  };
  const once = (doIt: () => void) => {
    let done = false;
    return () => {
      if (!done) doIt();
      done = true;
    };
  };
  let opened = false;
  const acknowledge = once(() => {
    if (script.acknowledge ?? true) write(encodeSettingsAck());
    settled.resolve();
  });
  const release = once(() =>
    write(encodeWindowUpdate(script.releaseWindow!.streamId, script.releaseWindow!.bytes)),
  );
  const goOn = once(() => write(script.afterGoaway!));
  stream.on('data', (chunk: Buffer) => {
    watch.push(chunk);
    run.goaway = watch.goaway;
    if (watch.settingsSeen && opened) acknowledge();
    if (script.releaseWindow && watch.headersSeen.has(script.releaseWindow.streamId)) release();
    if (script.afterGoaway && watch.goaway) goOn();
    if (isEnough(script.until, watch)) enough.resolve();
  });
  end.peerEnded.then(() => {
    settled.resolve();
    enough.resolve();
  });
  run.phase = 'request';
  try {
    await writePieces(stream, script.opening);
    // Before that an acknowledgement would stand in the middle of the preface.
    opened = true;
    if (watch.settingsSeen) acknowledge();
    if (script.settled ?? true) await settled.promise;
    if (script.unreadMs !== undefined) stream.pause();
    await writePieces(
      stream,
      script.until === 'ping' ? [...script.pieces, encodePing(pingBytes)] : script.pieces,
    );
  } catch (error) {
    run.notes.push(`the peer ended while the fault was being sent: ${(error as Error).message}`);
  }
  if (script.unreadMs !== undefined) {
    await elapsed(script.unreadMs);
    stream.resume();
  }
  // A reset throws away what the peer has not read yet; the answer to the PING proves that it has read all.
  if (script.after === 'rst' && script.until === 'ping') await enough.promise;
  if (script.after) await endBy(connection, script.after);
  if (script.after !== 'rst') {
    run.phase = 'response';
    await enough.promise;
    run.phase = 'close';
    await finishConnection(run, connection, {
      // RFC 9113 5.4.1: who says GOAWAY for an error ends the connection itself.
      peerWillEnd: () => watch.goaway !== null && watch.goaway.code !== 0,
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

function isEnough(until: H2Script['until'], watch: FrameWatch): boolean {
  if (watch.goaway) return true;
  if (until === 'peer_end') return false;
  if (until === 'ping') return watch.pingAcks > 0;
  return until.every((id) => watch.endedStreams.has(id) || watch.rstCodes.has(id));
}
