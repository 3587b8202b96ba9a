import { expect, test } from 'vitest';
import type { ClientHello } from '../../protos/tls/client-hello.ts';
import { fingerprintClientHello } from '../../protos/tls/fingerprints.ts';
import { fingerprintsOf } from './known-fingerprints.ts';

const hello: ClientHello = {
  legacyVersion: 0x0303,
  supportedVersions: [0x0304, 0x0303],
  sessionIdLength: 32,
  ciphers: [0x1301, 0x1302],
  compressionMethods: [0],
  extensions: [0, 10, 11, 13, 16, 43],
  sni: 'localhost',
  alpn: ['h2', 'http/1.1'],
  groups: [29, 23],
  pointFormats: [0],
  signatureAlgorithms: [0x0403],
  echLength: null,
  esniLegacy: false,
  malformedExtensions: [],
};

test('one that differs in a single field has fingerprints of its own, the first time and again', () => {
  const changes: Partial<ClientHello>[] = [
    {},
    { legacyVersion: 0x0302 },
    { supportedVersions: [0x0303] },
    { ciphers: [0x1302, 0x1301] },
    { extensions: [10, 0, 11, 13, 16, 43] },
    { sni: 'other' },
    { sni: null },
    { alpn: ['http/1.1', 'h2'] },
    { alpn: ['h2,http/1.1'] },
    { groups: [23, 29] },
    { pointFormats: [0, 1] },
    { signatureAlgorithms: [0x0804] },
    { echLength: 7 },
    { esniLegacy: true },
  ];
  for (const change of [...changes, ...changes]) {
    const one = { ...hello, ...change };
    expect(fingerprintsOf(one)).toEqual(fingerprintClientHello(one));
  }
});

test('a client that says another hello every time takes no more memory than there is room for', () => {
  const first = fingerprintsOf({ ...hello, sni: 'first' });
  expect(fingerprintsOf({ ...hello, sni: 'first' })).toBe(first);
  for (let at = 0; at < 1000; at++) fingerprintsOf({ ...hello, sni: `host-${at}` });
  const again = fingerprintsOf({ ...hello, sni: 'first' });
  expect(again).not.toBe(first);
  expect(again).toEqual(first);
  const long = { ...hello, sni: 'x'.repeat(65_000) };
  expect(fingerprintsOf(long)).not.toBe(fingerprintsOf(long));
});
