/**
 * Idle HTTP/2 connections over TLS, in a process of their own. Every line of stdin is how many should be open; answers with
 * the number when they are. Argument: the port.
 */
import { once } from 'node:events';
import readline from 'node:readline';
import tls from 'node:tls';
import { frameReader, opening, preface } from '../load/h2-wire.ts';

const port = Number(process.argv[2]);
const openingAtOnce = 40;
const sockets: tls.TLSSocket[] = [];

for await (const line of readline.createInterface({ input: process.stdin })) {
  const wanted = Number(line);
  await Promise.all(
    Array.from({ length: openingAtOnce }, async () => {
      while (sockets.length < wanted) await open();
    }),
  );
  console.log(sockets.length);
}
process.exit(0);

async function open(): Promise<void> {
  const socket = tls.connect({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ALPNProtocols: ['h2'],
    rejectUnauthorized: false,
  });
  sockets.push(socket);
  socket.on('error', (error) => fail(error.message));
  socket.on('close', () => fail('it was closed'));
  await once(socket, 'secureConnect');
  const settled = Promise.withResolvers<void>();
  socket.on(
    'data',
    frameReader(
      () => settled.resolve(),
      (bytes) => socket.write(bytes),
    ),
  );
  socket.write(Buffer.concat([preface, opening()]));
  // The upstream's own first frames: the relay has a pair now.
  await settled.promise;
}

function fail(why: string): never {
  console.error(`an idle connection broke: ${why}`);
  process.exit(1);
}
