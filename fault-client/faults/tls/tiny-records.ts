import { Type } from '../../../protos/schema/type.ts';
import { writeAll } from '../../connect/write-pieces.ts';
import { ResponseReader } from '../../h1/response-reader.ts';
import { finishConnection } from '../../modes/finish-connection.ts';
import { fault } from '../fault.ts';
import { openRaw } from '../open.ts';
import { params } from '../params.ts';
import { secureThrough } from './reshaped-hello.ts';

export const tinyRecords = fault({
  id: 'tls-tiny-records',
  layer: 'tls',
  summary: 'Sends its body in TLS records of one byte each, all of them in one write.',
  params: params({
    n: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 10_000, description: 'Bytes of the body.' }),
    path: Type.String({ default: '/sink', description: 'Request path.' }),
  }),
  peerMustSee: 'a good request whose records cost far more than their content: bounded, and served',
  spec: 'RFC 8446 5.1',
  run: async (client, run, { n, path }) => {
    const opened = await openRaw(client, run);
    const held: Buffer[] = [];
    let isHolding = false;
    const connection = await secureThrough(opened, client, run, (chunk, done) => {
      if (isHolding) {
        held.push(chunk);
        done();
      } else opened.raw.write(chunk, done);
    });
    const { stream, end } = connection;
    const reader = new ResponseReader(() => run.exchange());
    const answered = Promise.withResolvers<void>();
    stream.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      if (reader.whole > 0) answered.resolve();
    });
    void end.peerEnded.then(() => answered.resolve());
    run.phase = 'request';
    await writeAll(stream, `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${n}\r\n\r\n`);
    isHolding = true;
    for (let sent = 0; sent < n; sent++) await writeAll(stream, 'x');
    isHolding = false;
    await writeAll(opened.raw, Buffer.concat(held));
    run.phase = 'response';
    await answered.promise;
    run.phase = 'close';
    await finishConnection(run, connection, { close: () => void stream.end() });
  },
});
