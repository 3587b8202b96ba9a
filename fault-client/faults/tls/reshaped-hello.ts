import { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { ClientSpec } from '../../../protos/control/fault-client.ts';
import type { Connection } from '../../connect/connection.ts';
import { tlsOptions } from '../../connect/tls-options.ts';
import { writePieces } from '../../connect/write-pieces.ts';
import type { Run } from '../../run/run.ts';
import { inPhase } from '../../run/run-error.ts';

/** Node's TLS over `connection`, its ClientHello cut into `reshape`'s pieces, each a segment of its own. */
export function secureReshaped(
  connection: Connection,
  client: ClientSpec,
  run: Run,
  reshape: (hello: Buffer) => Buffer[],
): Promise<Connection> {
  const { raw } = connection;
  let first = true;
  return secureThrough(connection, client, run, (chunk, done) => {
    if (!first) {
      raw.write(chunk, done);
      return;
    }
    first = false;
    writePieces(raw, reshape(chunk)).then(() => done(), done);
  });
}

/** Node's TLS over `connection`; what it would send is handed to `write`, which calls back for more. */
export async function secureThrough(
  connection: Connection,
  client: ClientSpec,
  run: Run,
  write: (chunk: Buffer, done: (error?: Error | null) => void) => void,
): Promise<Connection> {
  const { raw } = connection;
  const shaper = new Duplex({
    allowHalfOpen: true,
    read: () => void raw.resume(),
    write: (chunk: Buffer, _encoding, done) => write(chunk, done),
    final: (done) => void raw.end(done),
  });
  raw.on('data', (chunk: Buffer) => {
    if (!shaper.push(chunk)) raw.pause();
  });
  raw.on('end', () => shaper.push(null));
  raw.on('error', (error) => shaper.destroy(error));
  raw.on('close', () => shaper.destroy());
  run.phase = 'tls';
  const stream = tls.connect({
    ...tlsOptions({ ...client.tls, alpn: client.tls?.alpn ?? ['http/1.1'] }, client.proto, run.certificates),
    socket: shaper,
  });
  run.own(shaper);
  await new Promise<void>((resolve, reject) => {
    stream.once('secureConnect', resolve);
    stream.once('error', (error) => reject(inPhase('tls', error)));
    stream.once('close', () => reject(inPhase('tls', new Error('closed during the handshake'))));
  });
  stream.on('error', (error) => run.lateError(error));
  run.secured({
    version: stream.getProtocol() ?? '',
    cipher: stream.getCipher().standardName,
    alpn: stream.alpnProtocol || null,
    server_cert: null,
  });
  return { ...connection, stream };
}

/** The handshake message of a record, spread over records of `bytes` each (RFC 8446 5.1 allows it). */
export function refragmented(hello: Buffer, bytes: number): Buffer[] {
  const message = hello.subarray(5, 5 + hello.readUInt16BE(3));
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += bytes) {
    const part = message.subarray(at, at + bytes);
    records.push(
      Buffer.concat([hello.subarray(0, 3), Buffer.of(part.length >> 8, part.length & 0xff), part]),
    );
  }
  return records;
}
