import { clientPreface, settings } from '../../../protos/h2/constants.ts';
import {
  encodeContinuation,
  encodeData,
  encodePing,
  encodePriority,
  encodeRstStream,
  encodeSettings,
  encodeWindowUpdate,
} from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import type { Fault } from '../fault.ts';
import { count, encoded, h2Fault, join, number, times } from './h2-fault.ts';

const CONTROL = 'control frames to be bounded';

/** Much of what is allowed once. A request follows where the flood leaves room for one, and shows who is still served. */
export const floodFaults: Fault[] = [
  h2Fault(
    'h2-rapid-reset',
    'Opens and resets streams as fast as it can, then asks once more.',
    'a flood to be bounded',
    'CVE-2023-44487',
    {
      extra: { n: count(2000) },
      script: (get, { n }) => ({
        frames: [
          join(...times(n, (at) => join(get(2 * at + 1), encodeRstStream(2 * at + 1, 8)))),
          get(after(n)),
        ],
        until: [after(n)],
      }),
    },
  ),
  h2Fault(
    'h2-continuation-flood',
    'Never ends a header block.',
    'a block without end, to be bounded',
    'CVE-2024-27983, CVE-2024-28182, CVE-2024-27316',
    {
      extra: { n: count(200) },
      script: (get, { n }) => ({
        frames: [
          join(
            get(1, { endHeaders: false }),
            ...times(n, () => encodeContinuation(1, encoded([['x-flood', 'x'.repeat(64)]]), false)),
          ),
        ],
        until: 'peer_end',
      }),
    },
  ),
  flood('h2-ping-flood', 'Sends PINGs and reads the answers.', CONTROL, 'CVE-2019-9512', 20_000, () =>
    encodePing(),
  ),
  flood('h2-settings-flood', 'Sends SETTINGS frames.', CONTROL, 'CVE-2019-9515', 20_000, () =>
    encodeSettings(),
  ),
  flood(
    'h2-priority-churn',
    'Shuffles a tree of priorities.',
    'frames to ignore, or to be bounded',
    'CVE-2019-9513',
    2000,
    (at) =>
      encodePriority(2 * (at % 100) + 3, {
        exclusive: true,
        dependsOn: 2 * ((at * 7) % 100) + 203,
        weight: 16,
      }),
  ),
  flood(
    'h2-window-update-flood',
    'Opens the window of the connection byte by byte.',
    'frames to take, or to be bounded',
    'RFC 9113 10.5',
    20_000,
    () => encodeWindowUpdate(0, 1),
  ),
  h2Fault(
    'h2-empty-data-flood',
    'Sends DATA frames without a byte, then END_STREAM.',
    'frames without progress, to be bounded',
    'CVE-2019-9518',
    {
      extra: { n: count(5000) },
      script: (get, { n }) => ({
        frames: [
          join(
            get(1, { body: true }),
            ...times(n, () => encodeData(1, '')),
            encodeData(1, '', { endStream: true }),
          ),
        ],
        until: [1],
      }),
    },
  ),
  h2Fault(
    'h2-data-dribble',
    'Takes the answer byte by byte through the smallest window updates.',
    'an answer of many tiny frames, to be bounded',
    'CVE-2019-9511',
    {
      path: '/bytes/50?seed=1',
      extra: { n: count(50) },
      preface: () => [join(clientPreface, encodeSettings([[settings.INITIAL_WINDOW_SIZE, 0]]))],
      script: (get, { n }) => ({
        // One more than there are bytes: nghttp2 says END_STREAM only with a window above 0.
        frames: [get(1), ...times(number(n) + 1, () => encodeWindowUpdate(1, 1))],
        until: [1],
      }),
    },
  ),
  h2Fault(
    'h2-reset-flood',
    'Opens streams by malformed requests, each of which the server must reset, then asks once more.',
    'answers of RST_STREAM, to be bounded',
    'CVE-2019-9514',
    {
      extra: { n: count(500) },
      script: (get, { n }) => ({
        frames: [join(...times(n, (at) => get(2 * at + 1, { more: [['X-Upper', '1']] }))), get(after(n))],
        until: [after(n)],
      }),
    },
  ),
  h2Fault(
    'h2-internal-buffering',
    'Opens every window of HTTP/2, asks for much and reads nothing for a while.',
    'a peer that takes no byte: its answers to be held back, not kept in memory',
    'CVE-2019-9517',
    {
      path: '/bytes/1000000?seed=1',
      extra: {
        n: count(10),
        unread_ms: Type.Integer({
          minimum: 0,
          maximum: 600_000,
          default: 100,
          description: 'How long it reads nothing, milliseconds.',
        }),
      },
      preface: () => [
        join(
          clientPreface,
          encodeSettings([[settings.INITIAL_WINDOW_SIZE, 0x7fff_ffff]]),
          encodeWindowUpdate(0, 0x7fff_0000),
        ),
      ],
      script: (get, { n, unread_ms }) => ({
        frames: [join(...times(n, (at) => get(2 * at + 1)))],
        unreadMs: number(unread_ms),
        until: times(n, (at) => 2 * at + 1),
      }),
    },
  ),
];

/** Frames of the connection in great number, then a request. */
function flood(
  id: string,
  summary: string,
  peerMustSee: string,
  spec: string,
  most: number,
  make: (at: number) => Buffer,
): Fault {
  return h2Fault(id, summary, peerMustSee, spec, {
    extra: { n: count(most) },
    script: (get, { n }) => ({ frames: [join(...times(n, make)), get(1)], until: [1] }),
  });
}

/** The stream after the first n. */
function after(n: unknown): number {
  return 2 * number(n) + 1;
}
