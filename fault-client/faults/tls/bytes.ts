import { writeAll } from '../../connect/write-pieces.ts';
import { type Fault, fault } from '../fault.ts';
import { keep, openRaw } from '../open.ts';
import { noParams } from '../params.ts';

/** Bytes in place of a ClientHello; then the client waits for the peer to end. */
function bytesFault(id: string, bytes: Buffer, summary: string, peerMustSee: string): Fault {
  return fault({
    id,
    layer: 'tls',
    summary,
    params: noParams,
    peerMustSee,
    spec: 'RFC 8446 5.1',
    run: async (client, run) => {
      const connection = keep(await openRaw(client, run), run);
      run.phase = 'tls';
      await writeAll(connection.raw, bytes);
      await connection.end.peerEnded;
    },
  });
}

const notTls = 'no TLS record: the handshake fails, and its record says what came instead';

export const httpToTls = bytesFault(
  'tls-http-to-tls',
  Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  'Speaks HTTP/1.1 to a TLS port.',
  notTls,
);

export const garbage = bytesFault(
  'tls-garbage',
  Buffer.from('cafebabe00ff10203040506070809fafbfcfdfef', 'hex'),
  'Sends 20 bytes that are nothing.',
  notTls,
);

export const recordTooLong = bytesFault(
  'tls-record-too-long',
  Buffer.concat([Buffer.from('160301ffff', 'hex'), Buffer.alloc(512)]),
  'Announces a handshake record of 65535 bytes.',
  'a record above 2^14 bytes: refused with alert 22 (record_overflow)',
);
