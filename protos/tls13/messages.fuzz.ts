import { atMost, type FuzzTarget, holds, joined, only } from '../testing/fuzz-target.ts';
import { cipherSuites } from './cipher-suites.ts';
import { clientHello, parseClientHello } from './client-hello.ts';
import { certificate12, certificate13, handshakeType, parseCertificate } from './handshake-messages.ts';
import type { KeyShare } from './key-exchange.ts';
import { MessageReader, type TlsMessage } from './message-reader.ts';
import { plaintextRecord } from './record-protection.ts';
import {
  encryptedExtensions,
  parseEncryptedExtensions,
  parseRetryRequest,
  parseServerHello,
  serverHello,
} from './server-hello.ts';
import { subjectName } from './signatures.ts';
import { TlsError } from './tls-error.ts';

const random = Buffer.alloc(32, 7);
const share: KeyShare = { group: 'x25519', publicBytes: Buffer.alloc(32, 9), agree: () => Buffer.alloc(0) };
const hello = clientHello({
  version: 'TLSv1.3',
  shares: [share],
  random,
  sessionId: random,
  servername: 'a',
  alpn: ['h2'],
});
const answers = [
  serverHello({ random, sessionId: random, suite: cipherSuites[0]!, share }),
  serverHello({ random, sessionId: random, suite: cipherSuites.at(-1)!, alpn: 'h2' }),
  encryptedExtensions('h2'),
  certificate13([Buffer.from('3003020101', 'hex'), Buffer.alloc(3)]),
  certificate12([Buffer.from('3003020101', 'hex')]),
];

export const targets: FuzzTarget[] = [
  {
    name: 'tls-messages',
    about: 'TLS messages in the clear, as the forged handshakes of the fault programs read them',
    grammar: 'lengths',
    sides: ['peer'],
    cuts: true,
    keepsChunks: true,
    // A record is joined for each piece of it: 18 KiB at most.
    copiedBytes: (bytes) => (64 + 18_437) * bytes + 65_536,
    seeds: () => [
      only(plaintextRecord(22, hello)),
      only(
        Buffer.concat([plaintextRecord(22, hello.subarray(0, 2)), plaintextRecord(22, hello.subarray(2))]),
      ),
      only(Buffer.concat(answers.map((message) => plaintextRecord(22, message)))),
      only(Buffer.concat([plaintextRecord(20, Buffer.of(1)), plaintextRecord(21, Buffer.of(2, 40))])),
      only(Buffer.concat([plaintextRecord(23, Buffer.from('data')), plaintextRecord(22, Buffer.alloc(0))])),
    ],
    run(steps) {
      const reader = new MessageReader();
      const read: unknown[] = [];
      let error: string | null = null;
      let bytes = 0;
      for (const { bytes: chunk } of steps) {
        bytes += chunk.length;
        if (error !== null) continue;
        reader.push(chunk);
        error = refusal(() => {
          for (let message = reader.next(); message !== null; message = reader.next())
            read.push(inHex(message));
        });
      }
      atMost('messages', read.length, bytes / 4);
      // What is left behind an error depends on how much had come.
      return { read, error, pending: error === null ? reader.pendingBytes : null };
    },
  },
  {
    name: 'tls-handshake',
    about: 'the bodies of handshake messages: hellos, extensions, certificates',
    grammar: 'lengths',
    sides: ['body'],
    cuts: false,
    seeds: () => [hello, ...answers].map((message) => only(message.subarray(4))),
    run(steps) {
      const body = joined(steps);
      const parsers = {
        clientHello: () => parseClientHello(body),
        serverHello: () => parseServerHello(body),
        retry: () => parseRetryRequest(body),
        extensions: () => parseEncryptedExtensions(body),
        certificate13: () => parseCertificate('TLSv1.3', body).map(subjectName),
        certificate12: () => parseCertificate('TLSv1.2', body).map(subjectName),
      };
      return Object.fromEntries(
        Object.entries(parsers).map(([name, parse]) => {
          let value: unknown = null;
          const error = refusal(() => {
            value = parse();
          });
          return [name, error ?? value];
        }),
      );
    },
  },
];

/** The text of a TlsError, which is how this code refuses; anything else is thrown on. */
function refusal(read: () => void): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    holds(error.alert >= 0 && error.alert <= 255, 'a refusal names an alert');
    return `${error.alert} ${error.message}`;
  }
}

function inHex(message: TlsMessage): unknown {
  if (message.kind === 'application_data') return { ...message, data: message.data.toString('hex') };
  if (message.kind !== 'handshake') return message;
  holds(message.raw.length === message.body.length + 4, 'raw is the body behind its head');
  const known = Object.values(handshakeType).some((type) => type === message.type);
  return { kind: message.kind, type: message.type, known, raw: message.raw.toString('hex') };
}
