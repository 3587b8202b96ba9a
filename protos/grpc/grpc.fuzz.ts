import { atMost, type FuzzTarget, holds, joined, only } from '../testing/fuzz-target.ts';
import { encodeMessage, MessageCounter, MessageReader } from './framing.ts';
import { decodeGrpcMessage, encodeGrpcMessage } from './message-encoding.ts';
import { parseGrpcTimeout } from './timeout.ts';

const maxMessageBytes = 4096;

export const targets: FuzzTarget[] = [
  {
    name: 'grpc-framing',
    about: 'length-prefixed messages, counted and read',
    grammar: 'lengths',
    sides: ['peer'],
    cuts: true,
    // The reader joins what it has of a message for each piece of it; a message is at most so long.
    copiedBytes: (bytes) => (64 + maxMessageBytes + 5) * bytes + 65_536,
    seeds: () => [
      only(encodeMessage(Buffer.alloc(0))),
      only(
        Buffer.concat([encodeMessage(Buffer.from('abc')), encodeMessage(Buffer.alloc(300, 1), { flag: 1 })]),
      ),
      only(encodeMessage(Buffer.from('abc'), { flag: 2, length: 4 })),
      only(encodeMessage(Buffer.alloc(9), { length: 0xffff_ffff })),
    ],
    run(steps) {
      const counter = new MessageCounter();
      const reader = new MessageReader(maxMessageBytes);
      const read = [];
      let bytes = 0;
      for (const { bytes: chunk } of steps) {
        counter.push(chunk);
        for (const { flag, payload } of reader.push(chunk))
          read.push({ flag, payload: payload.toString('hex') });
        bytes += chunk.length;
      }
      atMost('messages', counter.messages, bytes / 5);
      if (reader.tooLong === null) {
        holds(counter.messages === read.length, 'as many messages are counted as read');
        holds(counter.midMessage === reader.midMessage, 'both know whether a message is open');
        holds(
          counter.compressed >= read.filter(({ flag }) => flag === 1).length,
          'compressed messages are counted',
        );
      } else atMost('messages read before one too long', read.length, counter.messages);
      const { messages, compressed, badFlag, midMessage } = counter;
      return { messages, compressed, badFlag, midMessage, read, tooLong: reader.tooLong };
    },
  },
  {
    name: 'grpc-text',
    about: 'grpc-message and grpc-timeout',
    grammar: 'text',
    sides: ['value'],
    cuts: false,
    words: ['%', '%C3%A9', '%0A', '%zz', '1S', '99999999H', 'm', 'u', 'n', '\xe9'],
    seeds: () => ['plain', 'a%20b%25', '%E2%82%AC%', '10S', '1n', ''].map((text) => only(text)),
    run(steps) {
      const text = joined(steps).toString('utf8');
      const message = decodeGrpcMessage(text);
      atMost('characters', message.length, text.length);
      holds(
        decodeGrpcMessage(encodeGrpcMessage(message)) === message,
        'a message written and read is the same',
      );
      const timeoutMs = parseGrpcTimeout(text);
      holds(timeoutMs === null || timeoutMs >= 0, 'a timeout is not negative');
      return { message, timeoutMs };
    },
  },
];
