import { expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';

it.each([
  // The check value of the CRC catalogue, then RFC 3720 B.4.
  ['123456789', Buffer.from('123456789'), 0xe3069283],
  ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
  ['nothing', Buffer.alloc(0), 0],
])('CRC-32C of %s', (_name, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
  expect(crc32c(bytes.subarray(0, 3), bytes.subarray(3))).toBe(expected);
});
