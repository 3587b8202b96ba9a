import type net from 'node:net';
import { Duplex } from 'node:stream';

/**
 * The same bytes as `stream`, each chunk shown to `onData` on its way in. Ends and errors pass as they are, a FIN of ours
 * once `mayEnd` has resolved.
 */
export function watchedStream(
  stream: net.Socket,
  onData: (chunk: Buffer) => void,
  mayEnd: () => Promise<unknown>,
): Duplex {
  const watched = new Duplex({
    allowHalfOpen: true,
    read: () => void stream.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      // After a half-close the library's GOAWAY and window updates have nowhere to go.
      if (stream.writableEnded || stream.destroyed) done();
      else stream.write(chunk, done);
    },
    final: (done) => {
      void mayEnd().then(() => {
        if (stream.writableEnded || stream.destroyed) done();
        else stream.end(done);
      });
    },
    destroy: (error, done) => {
      // The socket is not destroyed with it: how it ends is decided by the mode.
      done(error);
    },
  });
  stream.on('data', (chunk: Buffer) => {
    onData(chunk);
    if (!watched.push(chunk)) stream.pause();
  });
  stream.on('end', () => watched.push(null));
  stream.on('error', (error) => watched.destroy(error));
  stream.on('close', () => watched.destroy());
  return watched;
}
