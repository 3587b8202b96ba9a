import type { Socket } from 'node:net';

/**
 * Reads from the start of a stream until `decide` knows what it is, then gives the unread bytes back to the stream and
 * calls `done` once. `decide` sees all bytes so far and returns how many belong to it, or null for "more".
 * A stream that ends or dies first is decided with `ended` true.
 */
export function readFirstBytes<T>(
  stream: Socket,
  decide: (start: Buffer, ended: boolean) => { consumed: number; value: T } | null,
  done: (value: T, consumed: Buffer) => void,
): void {
  let start: Buffer = Buffer.alloc(0);
  const onReadable = () => {
    let chunk = stream.read() as Buffer | null;
    while (chunk !== null) {
      start = start.length === 0 ? chunk : Buffer.concat([start, chunk]);
      chunk = stream.read() as Buffer | null;
    }
    settle(false);
  };
  const onEnd = () => settle(true);
  const settle = (ended: boolean) => {
    const decision = decide(start, ended);
    if (!decision) return;
    stream.off('readable', onReadable);
    stream.off('end', onEnd);
    const rest = start.subarray(decision.consumed);
    // After the end nothing can be given back; nothing can be read any more either.
    if (rest.length > 0 && !stream.readableEnded) stream.unshift(rest);
    done(decision.value, start.subarray(0, decision.consumed));
  };
  stream.on('readable', onReadable);
  stream.on('end', onEnd);
}
