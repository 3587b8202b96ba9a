import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { cipherSuite } from './cipher-suites.ts';
import {
  applicationSecrets,
  derivedSecret,
  earlySecret,
  handshakeSecrets,
  hkdfExpand,
  hkdfExtract,
  trafficKeys,
} from './key-schedule.ts';
import { tls13Protection } from './record-protection.ts';

// RFC 8448 3, "Simple 1-RTT Handshake".
const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const clientHello = hex(`
  010000c00303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7000006130113031302010000
  910000000b0009000006736572766572ff01000100000a00140012001d001700180019010001010102010301040023000000
  3300260024001d002099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c002b0003020304000d
  0020001e040305030603020308040805080604010501060102010402050206020202002d00020101001c00024001`);
const serverHello = hex(`
  020000560303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100002e00330024001d
  0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b00020304`);
const shared = hex('8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d');

test('the key schedule gives the secrets of RFC 8448 3', () => {
  const helloHash = createHash('sha256').update(clientHello).update(serverHello).digest();
  expect(helloHash.toString('hex')).toBe('860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8');
  const early = earlySecret('sha256');
  expect(early.toString('hex')).toBe('33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a');
  expect(derivedSecret('sha256', early).toString('hex')).toBe(
    '6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba',
  );
  const secrets = handshakeSecrets('sha256', shared, helloHash);
  expect(secrets.client.toString('hex')).toBe(
    'b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21',
  );
  expect(secrets.server.toString('hex')).toBe(
    'b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38',
  );
  expect(secrets.master.toString('hex')).toBe(
    '18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919',
  );
  const { key, iv } = trafficKeys('sha256', secrets.server, 16);
  expect(key.toString('hex')).toBe('3fce516009c21727d0f2e4e86ee403bc');
  expect(iv.toString('hex')).toBe('5d313eb2671276ee13000b30');
  const finishedHash = hex('9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13');
  const application = applicationSecrets('sha256', secrets.master, finishedHash);
  expect(application.client.toString('hex')).toBe(
    '9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5',
  );
  expect(application.server.toString('hex')).toBe(
    'a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643',
  );
});

test('HKDF gives test case 1 of RFC 5869', () => {
  const prk = hkdfExtract('sha256', hex('000102030405060708090a0b0c'), Buffer.alloc(22, 0x0b));
  expect(prk.toString('hex')).toBe('077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5');
  expect(hkdfExpand('sha256', prk, hex('f0f1f2f3f4f5f6f7f8f9'), 42).toString('hex')).toBe(
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  );
});

test('a record altered in any byte does not open, and a sequence number opens once', () => {
  const suite = cipherSuite(0x1301)!;
  const secret = Buffer.alloc(32, 7);
  const record = tls13Protection(suite, secret).seal(23, Buffer.from('abc'), 5);
  expect(tls13Protection(suite, secret).open(23, record.subarray(5))).toEqual({
    type: 23,
    content: Buffer.from('abc'),
  });
  for (let at = 5; at < record.length; at += 1) {
    const altered = Buffer.from(record);
    altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
    expect(() => tls13Protection(suite, secret).open(23, altered.subarray(5))).toThrow('authenticate');
  }
  const reader = tls13Protection(suite, secret);
  reader.open(23, record.subarray(5));
  expect(() => reader.open(23, record.subarray(5))).toThrow('authenticate');
});
