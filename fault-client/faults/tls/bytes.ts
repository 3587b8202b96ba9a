import { v2Signature } from '../../connect/proxy-header.ts';
import { writeAll } from '../../connect/write-pieces.ts';
import { type Fault, fault } from '../fault.ts';
import { keep, openRaw } from '../open.ts';
import { noParams } from '../params.ts';
import { capturedHello } from './captured-hello.ts';

type Entry = { id: string; bytes: Buffer; summary: string; peerMustSee: string; spec?: string };

const notTls = 'no TLS record: the handshake fails, and its record says what came instead';
const unexpected = 'a record that cannot come first: refused with alert 10 (unexpected_message)';
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const text = (value: string): Buffer => Buffer.from(value, 'latin1');

/** Other protocols on a TLS port. */
const foreign: Entry[] = [
  {
    id: 'tls-http-to-tls',
    bytes: text('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    summary: 'Speaks HTTP/1.1 to a TLS port.',
    peerMustSee: notTls,
  },
  {
    id: 'tls-connect-to-tls',
    bytes: text('CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n'),
    summary: 'Takes a TLS port for an HTTP proxy: CONNECT in plaintext.',
    peerMustSee: notTls,
    spec: 'RFC 9110 9.3.6',
  },
  {
    id: 'tls-h2c-to-tls',
    bytes: Buffer.concat([text('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), hex('000000040000000000')]),
    summary: 'Speaks HTTP/2 with prior knowledge, in plaintext, to a TLS port.',
    peerMustSee: notTls,
    spec: 'RFC 9113 3.3',
  },
  {
    id: 'tls-proxy-v1-to-tls',
    bytes: text('PROXY TCP4 203.0.113.10 192.0.2.10 54321 443\r\n'),
    summary: 'Sends a PROXY v1 header and nothing else.',
    peerMustSee: 'no TLS where no PROXY header is taken; where one is, a client that then says nothing',
    spec: 'haproxy doc/proxy-protocol.txt 2.1',
  },
  {
    id: 'tls-proxy-v2-to-tls',
    bytes: Buffer.concat([v2Signature, hex('2111000ccb00710ac000020ad43101bb')]),
    summary: 'Sends a PROXY v2 header and nothing else.',
    peerMustSee: 'no TLS where no PROXY header is taken; where one is, a client that then says nothing',
    spec: 'haproxy doc/proxy-protocol.txt 2.2',
  },
  {
    id: 'tls-ssh-to-tls',
    bytes: text('SSH-2.0-OpenSSH_9.6\r\n'),
    summary: 'Speaks SSH to a TLS port.',
    peerMustSee: notTls,
    spec: 'RFC 4253 4.2',
  },
  {
    id: 'tls-garbage',
    bytes: hex('cafebabe00ff10203040506070809fafbfcfdfef'),
    summary: 'Sends 20 bytes that are nothing.',
    peerMustSee: notTls,
  },
];

/** TLS records that no ClientHello is in. */
const wrongRecords: Entry[] = [
  {
    id: 'tls-record-too-long',
    bytes: Buffer.concat([hex('160301ffff'), Buffer.alloc(512)]),
    summary: 'Announces a handshake record of 65535 bytes.',
    peerMustSee: 'a record above 2^14 bytes: refused with alert 22 (record_overflow)',
  },
  {
    id: 'tls-hs-unexpected',
    bytes: hex('160301000463000000'),
    summary: 'Starts with a handshake message of a type that does not exist.',
    peerMustSee: unexpected,
    spec: 'RFC 8446 4',
  },
  {
    id: 'tls-hello-too-long',
    bytes: hex('160301000801ffffff03030000'),
    summary: 'Announces a ClientHello of 16 MiB.',
    peerMustSee: 'a message above any limit: refused at once with alert 47, without the memory for it',
    spec: 'RFC 8446 4',
  },
  {
    id: 'tls-server-hello-first',
    bytes: hex('160303000402000000'),
    summary: 'Starts with a ServerHello, which only a server sends.',
    peerMustSee: unexpected,
    spec: 'RFC 8446 4',
  },
  {
    id: 'tls-appdata-first',
    bytes: Buffer.concat([hex('1703030020'), Buffer.alloc(32)]),
    summary: 'Starts with an application data record.',
    peerMustSee: unexpected,
  },
  {
    id: 'tls-alert-first',
    bytes: hex('15030300020228'),
    summary: 'Starts with a fatal alert.',
    peerMustSee: unexpected,
    spec: 'RFC 8446 6',
  },
  {
    id: 'tls-ccs-first',
    bytes: hex('140303000101'),
    summary: 'Starts with ChangeCipherSpec.',
    peerMustSee: unexpected,
    spec: 'RFC 8446 5',
  },
  {
    id: 'tls-empty-records',
    bytes: Buffer.concat(Array.from({ length: 40 }, () => hex('1603010000'))),
    summary: 'Sends 40 handshake records without a byte in them.',
    peerMustSee: 'empty handshake records, which RFC 8446 5.1 forbids: refused with alert 10',
  },
  {
    id: 'tls-sslv3-hello',
    bytes: hex('160300000401000000'),
    summary: 'Sends an SSL 3.0 record whose ClientHello is empty.',
    peerMustSee: 'a ClientHello that is too short: refused with alert 50 (decode_error)',
    spec: 'RFC 7568',
  },
  {
    id: 'tls-sslv3-whole-hello',
    bytes: hex(`160300002d0100002903005a${'11'.repeat(31)}0000020005` + '0100'),
    summary: 'Sends a whole ClientHello that knows SSL 3.0 and nothing newer.',
    peerMustSee: 'no shared version: refused with alert 70 (protocol_version)',
    spec: 'RFC 7568',
  },
  {
    id: 'tls-sslv2-hello',
    bytes: hex(`802e0100020015000000100100800700c0030080060040020080040080000005${'ab'.repeat(16)}`),
    summary: 'Sends an SSL 2.0 CLIENT-HELLO.',
    peerMustSee: 'no shared version: a protocol of 1995, which never becomes a handshake',
    spec: 'RFC 6176',
  },
];

export const bytesFaults: readonly Fault[] = [...foreign, ...wrongRecords].map(bytesFault);

/** Two ClientHellos in one write: the second is no answer to anything. */
export const helloTwice = fault({
  id: 'tls-hello-twice',
  layer: 'tls',
  summary: 'Sends its ClientHello twice.',
  params: noParams,
  peerMustSee: 'a ClientHello where the client flight is due: refused with alert 10 (unexpected_message)',
  spec: 'RFC 8446 4.1.2',
  run: async (client, run) => {
    const connection = keep(await openRaw(client, run), run);
    run.phase = 'tls';
    const hello = await capturedHello(client, run);
    await writeAll(connection.raw, Buffer.concat([hello, hello]));
    await connection.end.peerEnded;
  },
});

/** Bytes in place of a ClientHello; then the client waits for the peer to end. */
function bytesFault({ id, bytes, summary, peerMustSee, spec = 'RFC 8446 5.1' }: Entry): Fault {
  return fault({
    id,
    layer: 'tls',
    summary,
    params: noParams,
    peerMustSee,
    spec,
    run: async (client, run) => {
      const connection = keep(await openRaw(client, run), run);
      run.phase = 'tls';
      await writeAll(connection.raw, bytes);
      await connection.end.peerEnded;
    },
  });
}
