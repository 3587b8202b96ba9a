import { atMost, type FuzzTarget, holds, only } from '../testing/fuzz-target.ts';
import { type Frame, FrameReader } from './frame-reader.ts';
import {
  encodeContinuation,
  encodeData,
  encodeFrame,
  encodeGoaway,
  encodeHeaders,
  encodePing,
  encodeSettings,
  encodeSettingsAck,
  encodeWindowUpdate,
} from './frames.ts';

const maxPayloadBytes = 4096;

export const targets: FuzzTarget[] = [
  {
    name: 'h2-frames',
    about: 'HTTP/2 frames out of a byte stream (RFC 9113 section 4.1)',
    grammar: 'h2',
    sides: ['peer'],
    cuts: true,
    seeds: () => [
      only(Buffer.concat([encodeSettings([[4, 65535]]), encodeSettingsAck(), encodePing()])),
      only(Buffer.concat([encodeHeaders(1, Buffer.of(0x82)), encodeContinuation(1, Buffer.of(0x84))])),
      only(Buffer.concat([encodeData(1, 'hello', { padBytes: 3 }), encodeWindowUpdate(0, 5)])),
      only(Buffer.concat([encodeGoaway(3, 2, 'why'), encodeFrame(0xbb, 0xff, 0x7fff_ffff)])),
      only(encodeFrame(0, 0, 1, Buffer.alloc(maxPayloadBytes + 1))),
      only(encodeFrame(0, 1, 1, Buffer.alloc(0), { length: 0xff_ffff, reservedBit: true })),
    ],
    // A payload that is wanted whole has its room from the start.
    copiedBytes: (bytes) => 64 * bytes + 2 * maxPayloadBytes + 65_536,
    run(steps) {
      const reader = new FrameReader(maxPayloadBytes);
      const frames: Frame[] = [];
      const came: Buffer[] = [];
      for (const { bytes } of steps) {
        came.push(Buffer.from(bytes));
        frames.push(...reader.push(bytes));
      }
      const input = Buffer.concat(came);
      atMost('frames', frames.length, input.length / 9);
      let at = 0;
      for (const { type, flags, streamId, length, payload } of frames) {
        // What was read, written again, is what came; the reserved bit is not read (section 4.1).
        const whole = length <= maxPayloadBytes;
        const again = encodeFrame(type, flags, streamId, payload, { length });
        const wire = Buffer.from(input.subarray(at, at + (whole ? 9 + length : 9)));
        wire[5]! &= 0x7f;
        holds(again.equals(wire), `frame at byte ${at} is the one that came`);
        at += 9 + length;
      }
      holds(at <= input.length, 'frames lie within the bytes');
      holds(reader.midFrame === at < input.length, 'midFrame tells whether bytes are left');
      return {
        frames: frames.map(({ payload, ...head }) => ({ ...head, payload: payload.toString('hex') })),
        midFrame: reader.midFrame,
      };
    },
  },
];
