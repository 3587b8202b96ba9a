import {
  encodeContinuation,
  encodeData,
  encodeFrame,
  encodePing,
  encodeRstStream,
  encodeWindowUpdate,
} from '../../../protos/h2/frames.ts';
import type { Fault } from '../fault.ts';
import { count, encoded, type FramesScript, type Get, h2Fault, join, number, times } from './h2-fault.ts';

const PROTOCOL = 'a connection error PROTOCOL_ERROR';
const CLOSED = 'a connection error STREAM_CLOSED';

/** No answer ends the stream before the frame that is too late. */
const slow = { path: '/mode/hang?t=30' } as const;

/** Frames in a state of their stream that does not allow them. */
export const streamFaults: Fault[] = [
  frames('h2-headers-after-es', 'Sends HEADERS after END_STREAM.', CLOSED, 'RFC 9113 5.1', (get) => [
    join(get(1, slow), get(1, slow)),
  ]),
  frames('h2-data-after-es', 'Sends DATA after END_STREAM.', CLOSED, 'RFC 9113 5.1', (get) => [
    join(get(1, slow), encodeData(1, 'late')),
  ]),
  frames('h2-even-sid', 'Opens stream 2.', PROTOCOL, 'RFC 9113 5.1.1', (get) => [get(2)]),
  frames(
    'h2-sid-decreasing',
    'Opens stream 5, then stream 3.',
    'a connection error: stream 3 was closed by the opening of 5',
    'RFC 9113 5.1.1',
    (get) => [join(get(5), get(3))],
    [5],
  ),
  frames('h2-data-idle', 'Sends DATA on an idle stream.', PROTOCOL, 'RFC 9113 5.1', () => [
    encodeData(1, 'x'),
  ]),
  frames('h2-data-sid0', 'Sends DATA on stream 0.', PROTOCOL, 'RFC 9113 6.1', () => [encodeData(0, 'x')]),
  frames('h2-rst-idle', 'Resets an idle stream.', PROTOCOL, 'RFC 9113 6.4', () => [encodeRstStream(1, 8)]),
  frames('h2-winup-idle', 'Widens an idle stream.', PROTOCOL, 'RFC 9113 5.1', () => [
    encodeWindowUpdate(1, 100),
  ]),
  frames('h2-cont-idle', 'Sends CONTINUATION on an idle stream.', PROTOCOL, 'RFC 9113 6.10', () => [
    encodeContinuation(1, encoded([[':method', 'GET']])),
  ]),
  frames(
    'h2-cont-without-headers',
    'Sends CONTINUATION after a header block that had ended.',
    PROTOCOL,
    'RFC 9113 6.10',
    (get) => [join(get(1, { body: true }), encodeContinuation(1, encoded([['x-late', '1']])))],
  ),
  frames(
    'h2-headers-interleaved',
    'Sends a frame of another stream inside a header block.',
    PROTOCOL,
    'RFC 9113 4.3',
    (get) => [join(get(1, { endHeaders: false }), encodePing())],
  ),
  frames(
    'h2-unknown-frame-in-headers',
    'Sends a frame of type 0xfa inside a header block.',
    PROTOCOL,
    'RFC 9113 5.5',
    (get) => [join(get(1, { endHeaders: false }), encodeFrame(0xfa, 0, 1, Buffer.alloc(8)))],
  ),
  h2Fault(
    'h2-max-concurrent-exceeded',
    'Opens more streams at once than the peer allows.',
    'streams to refuse: RST_STREAM REFUSED_STREAM or PROTOCOL_ERROR',
    'RFC 9113 5.1.2',
    {
      extra: { n: count(3) },
      script: (get, { n }) => ({
        frames: [
          join(...times(n, (at) => get(2 * at + 1, { body: true }))),
          encodeData(1, '', { endStream: true }),
        ],
        until: times(n, (at) => 2 * number(at) + 1),
      }),
    },
  ),
  h2Fault(
    'h2-window-overrun',
    'Sends a body without regard to the windows it was given.',
    'FLOW_CONTROL_ERROR, of the stream or of the connection',
    'RFC 9113 6.9.1',
    {
      extra: { bytes: count(200_000) },
      script: (get, { bytes }) => ({
        frames: [
          join(
            get(1, { body: true }),
            ...times(Math.ceil(number(bytes) / 16_384), () => encodeData(1, Buffer.alloc(16_384))),
            encodeData(1, '', { endStream: true }),
          ),
        ],
        until: [1],
      }),
    },
  ),
];

function frames(
  id: string,
  summary: string,
  peerMustSee: string,
  spec: string,
  make: (get: Get) => Buffer[],
  until: FramesScript['until'] = 'peer_end',
): Fault {
  return h2Fault(id, summary, peerMustSee, spec, { script: (get) => ({ frames: make(get), until }) });
}
