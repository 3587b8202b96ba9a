import { EventEmitter } from 'node:events';
import type { Observed } from './observe.ts';
import type { ServerConnection } from './server-connection.ts';

/** What a peer of bytes uses of a connection, without a socket: what it observed and wrote is kept as text. */
export function bytesOnlyConnection() {
  const told: string[] = [];
  const sent: string[] = [];
  const stream = Object.assign(new EventEmitter(), {
    writable: true,
    writableEnded: false,
    cork() {},
    uncork() {},
    write(bytes: Buffer, done?: () => void) {
      sent.push(bytes.toString('hex'));
      done?.();
    },
  });
  const raw = new EventEmitter();
  const connection = {
    stream,
    raw,
    observe: (observed: Observed) => void told.push(JSON.stringify(observed)),
    peerSaid: (...said: unknown[]) => void told.push(JSON.stringify(said)),
    peerLeaves: () => void told.push('leaves'),
    end: () => {
      if (!stream.writableEnded) told.push('ended');
      stream.writableEnded = true;
    },
  };
  return {
    connection: connection as unknown as ServerConnection,
    told,
    sent,
    push: (bytes: Buffer) => void stream.emit('data', bytes),
    close: () => {
      stream.emit('end');
      raw.emit('close');
    },
  };
}
