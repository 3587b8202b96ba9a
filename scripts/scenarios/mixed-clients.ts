/** One TLS client that may say a PROXY header first, whole or byte by byte. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import net, { type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import tls, { type TLSSocket } from 'node:tls';
import type { Lab } from './lab.ts';

export type MixedKind = { header: 'none' | 'v1' | 'v2'; alpn: 'http/1.1' | 'h2'; pieces: 'whole' | 'bytes' };

/** `answered`, or the code of its error. The source it claims has `number` as its port. */
export async function mixedClient(
  lab: Lab,
  port: number,
  { header, alpn, pieces }: MixedKind,
  number: number,
  instead: string | null,
): Promise<string> {
  const raw = net.connect({ host: '127.0.0.1', port, noDelay: true });
  try {
    await once(raw, 'connect');
    const bytes = instead === null ? headerBytes(header, 1024 + number) : Buffer.from(instead);
    if (bytes.length > 0) await send(raw, bytes, pieces);
    const secure = tls.connect({
      socket: pieces === 'bytes' ? byteByByte(raw) : raw,
      servername: 'localhost',
      ca: readFileSync(`${lab.certs}/ca.crt`),
      ALPNProtocols: [alpn],
    });
    await once(secure, 'secureConnect');
    return alpn === 'h2' ? await overH2(secure) : await overH1(secure);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  } finally {
    raw.destroy();
  }
}

async function overH1(socket: TLSSocket): Promise<string> {
  socket.write('GET /mode/ok HTTP/1.1\r\nHost: story\r\nConnection: close\r\n\r\n');
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer.startsWith('HTTP/1.1 ') ? 'answered' : 'not answered';
}

async function overH2(socket: TLSSocket): Promise<string> {
  const session = http2.connect('https://localhost', { createConnection: () => socket });
  const request = session.request({ ':path': '/mode/ok' });
  await once(request, 'response');
  request.resume();
  await once(request, 'end');
  session.close();
  await once(session, 'close');
  return 'answered';
}

/** Each byte of the header a segment of its own: written when the one before is out. */
async function send(socket: Socket, bytes: Buffer, pieces: MixedKind['pieces']): Promise<void> {
  if (pieces === 'whole') {
    socket.write(bytes);
    return;
  }
  for (const byte of bytes) await new Promise<void>((done) => socket.write(Buffer.of(byte), () => done()));
}

/** The ClientHello leaves in segments of one byte; what follows leaves as it comes. */
function byteByByte(socket: Socket): Duplex {
  let first = true;
  const stream = new Duplex({
    read: () => void socket.resume(),
    write(chunk: Buffer, _encoding, done) {
      const slow = first;
      first = false;
      send(socket, chunk, slow ? 'bytes' : 'whole').then(() => done(), done);
    },
    final: (done) => void socket.end(done),
  });
  socket.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) socket.pause();
  });
  socket.on('end', () => stream.push(null));
  socket.on('error', (error) => stream.destroy(error));
  socket.on('close', () => stream.destroy());
  return stream;
}

function headerBytes(version: MixedKind['header'], port: number): Buffer {
  if (version === 'none') return Buffer.alloc(0);
  if (version === 'v1') return Buffer.from(`PROXY TCP4 192.0.2.1 198.51.100.1 ${port} 443\r\n`);
  const header = Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000201c6336401000001bb', 'hex');
  header.writeUInt16BE(port, 24);
  return header;
}
