import { clientPreface, frameFlags, frameTypes, settings } from '../../../protos/h2/constants.ts';
import {
  encodeData,
  encodeFrame,
  encodePing,
  encodePriority,
  encodePushPromise,
  encodeSettings,
  encodeWindowUpdate,
} from '../../../protos/h2/frames.ts';
import type { Fault } from '../fault.ts';
import { encoded, type Get, h2Fault, join } from './h2-fault.ts';

const FRAME_SIZE = 'a connection error FRAME_SIZE_ERROR';
const PROTOCOL = 'a connection error PROTOCOL_ERROR';
const FLOW_CONTROL = 'a connection error FLOW_CONTROL_ERROR';
const maxWindow = 0x7fff_ffff;

/** One frame that breaks the rules of its type, and the peer's reaction to it. */
export const frameFaults: Fault[] = [
  h2Fault(
    'h2-bad-preface',
    'Speaks HTTP/1.1 after choosing h2.',
    'a connection error: no preface',
    'RFC 9113 3.4',
    {
      preface: () => [Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
      script: () => ({ frames: [], settled: false, acknowledge: false, until: 'peer_end' }),
    },
  ),
  h2Fault('h2-no-settings', 'Sends HEADERS as its first frame.', PROTOCOL, 'RFC 9113 3.4', {
    preface: () => [clientPreface],
    script: (get) => ({ frames: [get(1)], settled: false, acknowledge: false, until: 'peer_end' }),
  }),
  frame('h2-frame-too-big', 'Sends DATA of 16385 bytes.', FRAME_SIZE, 'RFC 9113 4.2', (get) =>
    join(get(1, { body: true }), encodeData(1, Buffer.alloc(16_385), { endStream: true })),
  ),
  frame('h2-settings-ack-payload', 'Acknowledges SETTINGS with a payload.', FRAME_SIZE, 'RFC 9113 6.5', () =>
    encodeFrame(frameTypes.SETTINGS, frameFlags.ACK, 0, Buffer.alloc(6)),
  ),
  frame('h2-settings-len5', 'Sends SETTINGS of 5 bytes.', FRAME_SIZE, 'RFC 9113 6.5', () =>
    encodeFrame(frameTypes.SETTINGS, 0, 0, Buffer.alloc(5)),
  ),
  frame('h2-settings-sid1', 'Sends SETTINGS on stream 1.', PROTOCOL, 'RFC 9113 6.5', () =>
    encodeFrame(frameTypes.SETTINGS, 0, 1),
  ),
  frame('h2-settings-enable-push-2', 'Announces ENABLE_PUSH 2.', PROTOCOL, 'RFC 9113 6.5.2', () =>
    encodeSettings([[settings.ENABLE_PUSH, 2]]),
  ),
  frame('h2-settings-maxframe-small', 'Announces MAX_FRAME_SIZE 16383.', PROTOCOL, 'RFC 9113 6.5.2', () =>
    encodeSettings([[settings.MAX_FRAME_SIZE, 16_383]]),
  ),
  frame('h2-settings-maxframe-big', 'Announces MAX_FRAME_SIZE 2^24.', PROTOCOL, 'RFC 9113 6.5.2', () =>
    encodeSettings([[settings.MAX_FRAME_SIZE, 1 << 24]]),
  ),
  frame(
    'h2-settings-initwin-overflow',
    'Announces INITIAL_WINDOW_SIZE 2^32-1.',
    FLOW_CONTROL,
    'RFC 9113 6.5.2',
    () => encodeSettings([[settings.INITIAL_WINDOW_SIZE, 0xffff_ffff]]),
  ),
  frame('h2-ping-len7', 'Sends PING of 7 bytes.', FRAME_SIZE, 'RFC 9113 6.7', () =>
    encodePing(Buffer.alloc(7)),
  ),
  frame('h2-ping-sid1', 'Sends PING on stream 1.', PROTOCOL, 'RFC 9113 6.7', () =>
    encodeFrame(frameTypes.PING, 0, 1, Buffer.alloc(8)),
  ),
  frame('h2-window-update-0', 'Widens the connection by 0.', PROTOCOL, 'RFC 9113 6.9', () =>
    encodeWindowUpdate(0, 0),
  ),
  frame(
    'h2-window-update-0-stream',
    'Widens a stream by 0.',
    'a stream error PROTOCOL_ERROR',
    'RFC 9113 6.9',
    (get) => join(get(1, { body: true }), encodeWindowUpdate(1, 0)),
    [1],
  ),
  frame(
    'h2-window-update-overflow',
    'Widens the connection beyond 2^31-1.',
    FLOW_CONTROL,
    'RFC 9113 6.9.1',
    () => encodeWindowUpdate(0, maxWindow),
  ),
  frame(
    'h2-window-update-overflow-stream',
    'Widens a stream beyond 2^31-1.',
    'a stream error FLOW_CONTROL_ERROR',
    'RFC 9113 6.9.1',
    (get) => join(get(1, { body: true }), encodeWindowUpdate(1, maxWindow)),
    [1],
  ),
  frame(
    'h2-priority-len4',
    'Sends PRIORITY of 4 bytes.',
    'a stream error FRAME_SIZE_ERROR, or of the connection',
    'RFC 9113 6.3',
    (get) => join(get(1, { body: true }), encodeFrame(frameTypes.PRIORITY, 0, 1, Buffer.alloc(4))),
    [1],
  ),
  frame(
    'h2-priority-self-dep',
    'Makes a stream depend on itself.',
    'a stream error PROTOCOL_ERROR, where it still knows priorities',
    'RFC 7540 5.3.1',
    (get) =>
      join(
        get(1, { body: true }),
        encodePriority(1, { exclusive: false, dependsOn: 1, weight: 1 }),
        encodeData(1, '', { endStream: true }),
      ),
    [1],
  ),
  frame('h2-bad-padding', 'Pads DATA beyond its own length.', PROTOCOL, 'RFC 9113 6.1', (get) =>
    join(
      get(1, { body: true }),
      encodeFrame(frameTypes.DATA, frameFlags.PADDED | frameFlags.END_STREAM, 1, Buffer.of(200, 1, 2)),
    ),
  ),
  frame('h2-push-from-client', 'Sends PUSH_PROMISE.', PROTOCOL, 'RFC 9113 8.4', (get) =>
    join(get(1, { body: true }), encodePushPromise(1, 2, encoded([[':method', 'GET']]))),
  ),
];

function frame(
  id: string,
  summary: string,
  peerMustSee: string,
  spec: string,
  make: (get: Get) => Buffer,
  until: number[] | 'peer_end' = 'peer_end',
): Fault {
  return h2Fault(id, summary, peerMustSee, spec, { script: (get) => ({ frames: [make(get)], until }) });
}
