import fc from 'fast-check';
import { expect, test } from 'vitest';
import { errorCodeName, errorCodes, frameTypeName, settingName } from './constants.ts';
import { FrameReader } from './frame-reader.ts';
import {
  encodeContinuation,
  encodeData,
  encodeFrame,
  encodeGoaway,
  encodeHeaders,
  encodePing,
  encodePriority,
  encodePushPromise,
  encodeRstStream,
  encodeSettings,
  encodeSettingsAck,
  encodeWindowUpdate,
} from './frames.ts';

// Laid out by hand from RFC 9113 section 4.1 and 6.
test.each<[what: string, frame: Buffer, hex: string]>([
  [
    'SETTINGS',
    encodeSettings([
      [3, 100],
      [4, 65535],
    ]),
    '00000c 04 00 00000000 0003 00000064 0004 0000ffff',
  ],
  ['SETTINGS ACK', encodeSettingsAck(), '000000 04 01 00000000'],
  [
    'PING ACK',
    encodePing(Buffer.from('0102030405060708', 'hex'), true),
    '000008 06 01 00000000 0102030405060708',
  ],
  [
    'GOAWAY',
    encodeGoaway(5, errorCodes.ENHANCE_YOUR_CALM, 'hi'),
    '00000a 07 00 00000000 00000005 0000000b 6869',
  ],
  ['RST_STREAM', encodeRstStream(1, 0xdead), '000004 03 00 00000001 0000dead'],
  ['WINDOW_UPDATE', encodeWindowUpdate(0, 1), '000004 08 00 00000000 00000001'],
  [
    'PRIORITY',
    encodePriority(3, { exclusive: true, dependsOn: 1, weight: 256 }),
    '000005 02 00 00000003 80000001 ff',
  ],
  ['HEADERS', encodeHeaders(1, Buffer.of(0x82), { endStream: true }), '000001 01 05 00000001 82'],
  [
    'HEADERS, padded, with priority',
    encodeHeaders(1, Buffer.of(0x82), {
      padBytes: 2,
      priority: { exclusive: false, dependsOn: 0, weight: 16 },
    }),
    '000009 01 2c 00000001 02 00000000 0f 82 0000',
  ],
  ['CONTINUATION', encodeContinuation(1, Buffer.of(0x82), false), '000001 09 00 00000001 82'],
  [
    'PUSH_PROMISE',
    encodePushPromise(1, 2, Buffer.of(0x82), { padBytes: 1 }),
    '000007 05 0c 00000001 01 00000002 82 00',
  ],
  ['DATA', encodeData(1, 'abc', { endStream: true, padBytes: 1 }), '000005 00 09 00000001 01 616263 00'],
  [
    'a lie about the length, with the reserved bit',
    encodeFrame(0, 0, 1, Buffer.of(1), { length: 0x1000001, reservedBit: true }),
    '000001 00 00 80000001 01',
  ],
])('%s', (_what, frame, hex) => {
  expect(frame.toString('hex')).toBe(hex.replaceAll(' ', ''));
});

test('numbers without a name are told in decimal', () => {
  expect([errorCodeName(11), errorCodeName(0xdead)]).toEqual(['ENHANCE_YOUR_CALM', '57005']);
  expect([settingName(4), settingName(4660)]).toEqual(['INITIAL_WINDOW_SIZE', '4660']);
  expect([frameTypeName(9), frameTypeName(0xfa)]).toEqual(['CONTINUATION', '250']);
});

const frame = fc.record({
  type: fc.integer({ min: 0, max: 255 }),
  flags: fc.integer({ min: 0, max: 255 }),
  streamId: fc.integer({ min: 0, max: 0x7fff_ffff }),
  payload: fc.uint8Array({ maxLength: 60 }),
});

test('frames come back as they were, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 40 })),
      (frames, cuts) => {
        const bytes = Buffer.concat(frames.map((f) => encodeFrame(f.type, f.flags, f.streamId, f.payload)));
        const reader = new FrameReader();
        const read = [];
        let at = 0;
        for (const cut of cuts) {
          read.push(...reader.push(bytes.subarray(at, at + cut)));
          at += cut;
        }
        read.push(...reader.push(bytes.subarray(at)));
        expect(reader.midFrame).toBe(false);
        expect(read).toEqual(
          frames.map((f) => ({ ...f, length: f.payload.length, payload: Buffer.from(f.payload) })),
        );
      },
    ),
  );
});

test('a payload over the limit is passed over, and a cut frame is known', () => {
  const reader = new FrameReader(10);
  const frames = reader.push(Buffer.concat([encodeData(1, 'x'.repeat(11)), encodePing(), Buffer.of(0, 0)]));
  expect(frames.map((f) => [f.type, f.length, f.payload.length])).toEqual([
    [0, 11, 0],
    [6, 8, 8],
  ]);
  expect(reader.midFrame).toBe(true);
});
