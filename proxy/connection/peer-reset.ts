import type { Socket } from 'node:net';
import { constants } from 'node:os';

/**
 * Whether a plain socket may report an RST as its end: before libuv 1.52 (Node 22) a hang-up behind a short read counts as
 * end-of-file without the read that would say ECONNRESET (libuv/libuv#4997).
 */
export const endMayBeReset = olderThan(process.versions.uv, 1, 52);

type Handle = { getpeername?: (out: object) => number };

/**
 * Whether the TCP connection under a stream that reported its end was in truth reset. An RST that comes while OpenSSL
 * writes (its session tickets after the handshake, say) is handed to that write and lost; the next read then says
 * end-of-file. Linux still knows: getpeername fails with ENOTCONN after an RST, and not after a FIN alone.
 * Only to be asked where no close_notify came, since an RST may also follow a proper end.
 */
export function wasReset(raw: Socket): boolean {
  const handle = (raw as unknown as { _handle: Handle | null })._handle;
  return handle?.getpeername?.({}) === -constants.errno.ENOTCONN;
}

function olderThan(version: string, major: number, minor: number): boolean {
  const [haveMajor = 0, haveMinor = 0] = version.split('.').map(Number);
  return haveMajor < major || (haveMajor === major && haveMinor < minor);
}
