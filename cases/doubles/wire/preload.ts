/**
 * Loaded into the real proxy before it starts (`node --import …/preload.ts?double=NAME`): changes what its sockets do, not
 * what it asks of them, so that it records what it meant and something else is on the wire. Appends the address of every
 * socket it changed something on to the file `acted` in the working directory.
 */
import { appendFileSync } from 'node:fs';
import net from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { Rewrite, Side } from '../double.ts';
import { wireDoubles } from './all.ts';

const name = new URL(import.meta.url).searchParams.get('double');
const double = wireDoubles.find((one) => one.name === name);
if (!double) throw new Error(`no such double: ${name}`);

type Parent = { _parent?: net.Socket | null };

/** Sockets that a client opened; every other one goes to the upstream. */
const accepted = new WeakSet<net.Socket>();
const emit = net.Server.prototype.emit;
net.Server.prototype.emit = function (this: net.Server, event: string | symbol, ...args: unknown[]) {
  if (event === 'connection') accepted.add(args[0] as net.Socket);
  return (emit as (...all: unknown[]) => boolean).call(this, event, ...args);
} as typeof emit;

const rewrites = new WeakMap<net.Socket, Rewrite | null>();
const socket = net.Socket.prototype;
const { end, resetAndDestroy, destroy } = socket;

socket.write = function (this: net.Socket, chunk: unknown, ...rest: unknown[]) {
  const changed = Buffer.isBuffer(chunk) ? rewritten(this, chunk) : chunk;
  return (Duplex.prototype.write as (...args: unknown[]) => boolean).call(this, changed, ...rest);
} as typeof socket.write;

socket.end = function (this: net.Socket, ...args: unknown[]) {
  const rest = rewriteOf(this)?.end() ?? Buffer.alloc(0);
  if (rest.length > 0) (Duplex.prototype.write as (bytes: Buffer) => boolean).call(this, rest);
  return (end as (...all: unknown[]) => net.Socket).apply(this, args);
} as typeof socket.end;

socket.resetAndDestroy = function (this: net.Socket) {
  if (double.finForRst !== sideOf(this)) return resetAndDestroy.call(this);
  note(this);
  return destroy.call(this);
};

function rewritten(own: net.Socket, bytes: Buffer): Buffer {
  if (isProxyHeader(own, bytes)) {
    const header = double!.proxyHeader?.(bytes) ?? bytes;
    if (!header.equals(bytes)) note(own);
    return header;
  }
  const rewrite = rewriteOf(own);
  if (rewrite === null) return bytes;
  const changed = rewrite.write(bytes);
  if (rewrite.touched()) note(own);
  return changed;
}

/** Of what the proxy writes by JavaScript: the bytes inside TLS, not those of TLS. */
function rewriteOf(own: net.Socket): Rewrite | null {
  let rewrite = rewrites.get(own);
  if (rewrite === undefined) {
    rewrite = double!.rewrite?.(sideOf(own)) ?? null;
    rewrites.set(own, rewrite);
  }
  return rewrite;
}

function isProxyHeader(own: net.Socket, bytes: Buffer): boolean {
  const start = bytes.subarray(0, 6).toString('latin1');
  return sideOf(own) === 'upstream' && (start === 'PROXY ' || start === '\r\n\r\n\0\r');
}

function sideOf(own: net.Socket): Side {
  return accepted.has(rawOf(own)) ? 'client' : 'upstream';
}

function rawOf(own: net.Socket): net.Socket {
  return own instanceof tls.TLSSocket ? ((own as unknown as Parent)._parent ?? own) : own;
}

const noted = new WeakSet<net.Socket>();

function note(own: net.Socket): void {
  const raw = rawOf(own);
  if (noted.has(raw)) return;
  noted.add(raw);
  const [ip, port] =
    sideOf(own) === 'client' ? [raw.remoteAddress, raw.remotePort] : [raw.localAddress, raw.localPort];
  appendFileSync('acted', `${ip?.includes(':') ? `[${ip}]` : ip}:${port}\n`);
}
