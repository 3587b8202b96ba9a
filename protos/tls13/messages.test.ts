import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { getExtensionData, readTlsClientHello } from 'read-tls-client-hello';
import { expect, test } from 'vitest';
import { clientHello, parseClientHello } from './client-hello.ts';
import { parseCertificate } from './handshake-messages.ts';
import { generateKeyShare } from './key-exchange.ts';
import { MessageReader, type TlsMessage } from './message-reader.ts';
import { plaintextRecord } from './record-protection.ts';
import { parseEncryptedExtensions, parseServerHello } from './server-hello.ts';
import { TlsError } from './tls-error.ts';

const hello = clientHello({
  version: 'TLSv1.3',
  shares: [generateKeyShare('x25519'), generateKeyShare('secp256r1')],
  random: randomBytes(32),
  sessionId: randomBytes(32),
  servername: 'api.example.test',
  alpn: ['h2', 'http/1.1'],
  paddingBytes: 300,
  grease: true,
  pqKeyShare: true,
});

test('another implementation reads the ClientHello as meant', async () => {
  const stream = new PassThrough();
  stream.end(plaintextRecord(22, hello, 0x0301));
  const read = await readTlsClientHello(stream);
  expect(getExtensionData(read, 'server_name')).toMatchObject({ serverName: 'api.example.test' });
  expect(getExtensionData(read, 'application_layer_protocol_negotiation')).toMatchObject({
    protocols: ['h2', 'http/1.1'],
  });
  expect(read.cipherSuites).toEqual([0x2a2a, 0x1301, 0x1302]);
});

test('the ClientHello reads back', () => {
  const parsed = parseClientHello(hello.subarray(4));
  expect(parsed.servername).toBe('api.example.test');
  expect(parsed.shares.map((share) => [share.group, share.bytes.length])).toEqual([
    ['x25519', 32],
    ['secp256r1', 65],
  ]);
  expect(parsed.versions).toContain(0x0304);
});

test('messages are cut the same however the bytes are cut', () => {
  const second = Buffer.from([2, 0, 0, 1, 9]);
  const wire = Buffer.concat([
    plaintextRecord(22, hello.subarray(0, 7)),
    plaintextRecord(22, Buffer.concat([hello.subarray(7), second])),
    plaintextRecord(21, Buffer.from([2, 48])),
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), (step) => {
      const reader = new MessageReader();
      const messages: TlsMessage[] = [];
      for (let at = 0; at < wire.length; at += step) {
        reader.push(wire.subarray(at, at + step));
        for (let message = reader.next(); message !== null; message = reader.next()) messages.push(message);
      }
      expect(messages.map((message) => message.kind)).toEqual(['handshake', 'handshake', 'alert']);
      expect(messages[0]).toMatchObject({ type: 1, raw: hello });
      expect(messages[2]).toEqual({ kind: 'alert', level: 2, code: 48 });
    }),
    { numRuns: 30 },
  );
});

test('hostile bytes are refused by TlsError alone', () => {
  const refusedCleanly = (parse: (bytes: Buffer) => unknown, bytes: Buffer) => {
    try {
      parse(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(TlsError);
    }
  };
  const mutated = fc
    .tuple(fc.nat(hello.length - 5), fc.nat(255), fc.nat(hello.length - 4))
    .map(([at, value, cut]) => {
      const bytes = Buffer.from(hello.subarray(4));
      bytes.writeUInt8(value, at);
      return bytes.subarray(0, cut);
    });
  const any = fc.oneof(
    mutated,
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(any, (bytes) => {
      refusedCleanly(parseClientHello, bytes);
      refusedCleanly(parseServerHello, bytes);
      refusedCleanly(parseEncryptedExtensions, bytes);
      refusedCleanly((body) => parseCertificate('TLSv1.3', body), bytes);
      refusedCleanly((body) => parseCertificate('TLSv1.2', body), bytes);
      refusedCleanly((body) => generateKeyShare('secp256r1').agree(body), bytes);
      const reader = new MessageReader();
      reader.push(bytes);
      refusedCleanly(() => reader.next(), bytes);
    }),
    { numRuns: 300 },
  );
});

test('a handshake message that claims 16 MiB is refused at its header', () => {
  const reader = new MessageReader();
  reader.push(plaintextRecord(22, Buffer.from([1, 0xff, 0xff, 0xff])));
  expect(() => reader.next()).toThrow('handshake message of 16777215 bytes');
});
