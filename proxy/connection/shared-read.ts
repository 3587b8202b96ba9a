import type { Socket } from 'node:net';

/**
 * Have every read of a socket land in one buffer that all sockets share, and hand it to `take` as a view that holds only
 * during the call: whoever needs the bytes longer copies them. False, and nothing changed, where this Node has no such way.
 *
 * Node offers it to sockets it opens itself (the `onread` option of net.connect), not to a TLSSocket over another socket, so
 * the same fields are set by hand. A buffer of its own for each read is memory outside V8's heap, and every 64 MB of it
 * costs a full collection: a fifth of the CPU of a large transfer.
 */
export function readIntoShared(socket: Socket, take: (chunk: Buffer) => void): boolean {
  const fields = fieldsOf(socket);
  const handle = (socket as unknown as { _handle: { useUserBuffer?: (buffer: Buffer) => void } | null })
    ._handle;
  if (fields === null || typeof handle?.useUserBuffer !== 'function') return false;
  const target = socket as unknown as Record<symbol, unknown>;
  target[fields.buffer] = shared;
  target[fields.callback] = (bytes: number): boolean => {
    take(shared.subarray(0, bytes));
    return true;
  };
  handle.useUserBuffer(shared);
  return true;
}

/** As much as libuv reads at once; a TLS record is at most a quarter of it. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

type Fields = { buffer: symbol; callback: symbol };

/** The symbols are the same for every socket: looked for once, not for each connection. */
let known: Fields | null | undefined;

function fieldsOf(socket: Socket): Fields | null {
  if (known !== undefined) return known;
  const find = (name: string) =>
    Object.getOwnPropertySymbols(socket).find((symbol) => symbol.description === name);
  const buffer = find('kBuffer');
  const callback = find('kBufferCb');
  known = buffer === undefined || callback === undefined ? null : { buffer, callback };
  return known;
}
