import type net from 'node:net';
import { constants } from 'node:os';

const [major = 0, minor = 0] = process.versions.uv.split('.').map(Number);

/** Before libuv 1.52 (Node 22) an RST behind data is read as an end (libuv/libuv#4997). */
export const libuvHidesResets = major === 1 && minor < 52;

/** For titles of tests whose only witness is Node's TLS inside a handshake, where that libuv leaves nothing to ask. */
export const needsResets = 'needs libuv 1.52: an older one reads the RST as an end';

/** What the kernel says of an end that was just read: after an RST it knows no peer any more, nor after our own FIN. */
export function endOrReset(socket: net.Socket): 'end' | 'reset' {
  if (!libuvHidesResets || socket.writableEnded) return 'end';
  const { _handle: handle } = socket as unknown as { _handle: { getpeername(out: object): number } | null };
  return handle?.getpeername({}) === -constants.errno.ENOTCONN ? 'reset' : 'end';
}
