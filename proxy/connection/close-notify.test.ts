import { expect, test } from 'vitest';
import { type StreamTotals, sawCloseNotify } from './close-notify.ts';

const version = 'TLSv1.3';
const totals: StreamTotals = {
  wireAtEnd: 127,
  wireAtLast: 127,
  wireOfRecords: 127,
  wireAfterHello: null,
  plainBytes: 105,
  records: 1,
  cipher: 'TLS_AES_128_GCM_SHA256',
  version,
  laterTurn: false,
};

// Record sizes: RFC 8446 5.2 (5 + content + type byte + 16), RFC 5246 6.2.3.3 with GCM (5 + 8 + content + 16).
test.each<[string, Partial<StreamTotals>, boolean | null]>([
  ['more bytes after the last record', { wireAtEnd: 151 }, true],
  ['the beginning of a record after the last one', { wireAtEnd: 127 + 800 }, false],
  ['a few bytes that may end a close_notify', { wireAtEnd: 127 + 10 }, null],
  ['user_canceled and close_notify', { wireAtEnd: 127 + 48 }, true],
  ['records explain every byte', {}, false],
  ['24 bytes more in the same read', { wireAtEnd: 151, wireAtLast: 151, wireOfRecords: 151 }, true],
  [
    '1.2 with GCM: 31 bytes more',
    { wireOfRecords: 165, version: 'TLSv1.2', cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
    true,
  ],
  [
    '1.2 with GCM: none more',
    { wireOfRecords: 134, version: 'TLSv1.2', cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
    false,
  ],
  ['no known start, the end came later', { wireOfRecords: null, laterTurn: true }, false],
  ['no known start, the end came with the data', { wireOfRecords: null }, null],
  [
    'no known start, but behind the Finished nothing else',
    { wireOfRecords: null, wireAfterHello: 58 + 127 },
    false,
  ],
  ['no known start, 24 bytes more', { wireOfRecords: null, wireAfterHello: 58 + 127 + 24 }, true],
  [
    'no known start, change_cipher_spec and 24 bytes more',
    { wireOfRecords: null, wireAfterHello: 64 + 127 + 24 },
    true,
  ],
  [
    'no known start, a Finished of SHA-384',
    { wireOfRecords: null, wireAfterHello: 74 + 127 + 24, cipher: 'TLS_AES_256_GCM_SHA384' },
    true,
  ],
  ['no known start, a second ClientHello', { wireOfRecords: null, wireAfterHello: 58 + 127 + 300 }, null],
  ['a cipher whose padding varies', { version: 'TLSv1.2', cipher: 'ECDHE-RSA-AES128-SHA' }, null],
])('%s', (_, change, expected) => {
  expect(sawCloseNotify({ ...totals, ...change })).toBe(expected);
});
