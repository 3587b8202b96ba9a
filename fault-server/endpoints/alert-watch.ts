import type { ServerConnection } from './server-connection.ts';

const ALERT = 21;
const HEAD_BYTES = 5;

/**
 * Tells the alerts that a peer sends in plaintext while a fault owns the bytes of its handshake (RFC 8446 6). A fault that
 * does not read is left alone: listening would read in its place.
 */
export function watchForAlerts(connection: ServerConnection): void {
  const { raw } = connection;
  if (raw.listenerCount('data') + raw.listenerCount('readable') === 0) return;
  raw.on('data', (chunk: Buffer) => {
    // Record by record; one that is cut ends the look at this chunk, whose next begins in the middle of it.
    for (let at = 0; at + HEAD_BYTES + 2 <= chunk.length; at += HEAD_BYTES + chunk.readUInt16BE(at + 3)) {
      const isAlert = chunk[at] === ALERT && chunk[at + 1] === 3 && chunk.readUInt16BE(at + 3) === 2;
      if (isAlert) connection.peerSaid('alert', chunk[at + HEAD_BYTES + 1] ?? 0);
    }
  });
}
