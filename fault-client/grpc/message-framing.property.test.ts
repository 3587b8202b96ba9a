import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FramingError, frameMessage, MessageReader } from './message-framing.ts';

const messages = fc.array(fc.record({ bytes: fc.uint8Array({ maxLength: 40 }), compress: fc.boolean() }), {
  maxLength: 6,
});
const broken = fc.constantFrom<[string, status: number]>(
  ['02000000016100', 13],
  ['01000000016100', 13],
  ['00ffffffff', 8],
);

test('messages come back however DATA is cut, and those before a broken one with it', () => {
  fc.assert(
    fc.property(
      messages,
      broken,
      fc.boolean(),
      fc.integer({ min: 1, max: 25 }),
      (sent, [hex, status], breaks, size) => {
        const good = sent.map(({ bytes, compress }) => frameMessage(bytes, compress));
        const wire = Buffer.concat([...good, breaks ? Buffer.from(hex, 'hex') : Buffer.alloc(0)]);
        const reader = new MessageReader();
        reader.encoding = 'gzip';
        const read: Buffer[] = [];
        let failed: number | null = null;
        for (let at = 0; at < wire.length && failed === null; at += size) {
          try {
            for (const { bytes } of reader.push(wire.subarray(at, at + size))) read.push(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(FramingError);
            failed = (error as FramingError).status;
          }
        }
        expect(read).toEqual(sent.map(({ bytes }) => Buffer.from(bytes)));
        expect(failed).toBe(breaks ? status : null);
      },
    ),
  );
});

test('a message is what zlib packed, and a bomb is refused at its limit', () => {
  const reader = new MessageReader();
  reader.encoding = 'gzip';
  const bomb = gzipSync(Buffer.alloc(5 << 20));
  const framed = Buffer.concat([Buffer.of(1, 0, 0, bomb.length >> 8, bomb.length & 255), bomb]);
  expect(() => [...reader.push(framed)]).toThrow(FramingError);
});
