import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeMessage, MessageCounter, MessageReader } from './framing.ts';

test('the prefix: flag and big-endian length, true or not', () => {
  expect(encodeMessage(Buffer.from('abc')).toString('hex')).toBe('0000000003616263');
  expect(encodeMessage(Buffer.from('abc'), { flag: 2, length: 0xffffffff }).toString('hex')).toBe(
    '02ffffffff616263',
  );
});

test('messages come back, and are counted, however the bytes are cut', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 10 });
  fc.assert(
    fc.property(messages, fc.integer({ min: 1, max: 20 }), (sent, size) => {
      const bytes = Buffer.concat(sent.map((message) => encodeMessage(message)));
      const counter = new MessageCounter();
      const reader = new MessageReader();
      const read: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        counter.push(bytes.subarray(at, at + size));
        read.push(...reader.push(bytes.subarray(at, at + size)).map((message) => message.payload));
      }
      expect(read).toEqual(sent.map((message) => Buffer.from(message)));
      expect([counter.messages, counter.midMessage, reader.midMessage]).toEqual([sent.length, false, false]);
    }),
  );
});

test('a cut message, a bad flag and a compressed one are told', () => {
  const counter = new MessageCounter();
  counter.push(Buffer.from('01000000010002', 'hex'));
  expect([counter.messages, counter.compressed, counter.badFlag, counter.midMessage]).toEqual([
    1,
    1,
    true,
    true,
  ]);
});

test('a message over the limit ends the reading', () => {
  const reader = new MessageReader(10);
  expect(reader.push(encodeMessage(Buffer.alloc(2), { length: 11 }))).toEqual([]);
  expect(reader.tooLong).toBe(11);
  expect(reader.push(encodeMessage(Buffer.alloc(2)))).toEqual([]);
});
