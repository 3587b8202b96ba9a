import { clientPreface, frameTypes, settings } from '../../../protos/h2/constants.ts';
import {
  encodeFrame,
  encodePriority,
  encodeSettings,
  encodeWindowUpdate,
} from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import type { Fault } from '../fault.ts';
import { h2Fault, join, number } from './h2-fault.ts';

const undefinedHeadersFlags = 0xd2;
const reservedBit = 0x8000_0000;

/** Unusual, and allowed: the request is served. */
export const legalFaults: Fault[] = [
  h2Fault('h2-preface-split', 'Sends the preface in pieces.', 'a valid connection', 'RFC 9113 3.4', {
    extra: {
      at: Type.Integer({
        minimum: 0,
        maximum: 24,
        default: 0,
        description: 'Cut after byte; 0: byte by byte.',
      }),
    },
    preface: ({ at }) => {
      const cut = number(at);
      const pieces =
        cut === 0
          ? [...clientPreface].map((byte) => Buffer.of(byte))
          : [clientPreface.subarray(0, cut), clientPreface.subarray(cut)];
      return [...pieces.filter(({ length }) => length > 0), encodeSettings()];
    },
    script: (get) => ({ frames: [get(1)], until: [1] }),
  }),
  h2Fault(
    'h2-zero-window',
    'Opens with a window of 0 and widens it after the head.',
    'a body to hold back',
    'RFC 9113 6.9',
    {
      extra: {
        release_bytes: Type.Integer({ minimum: 0, default: 1 << 20, description: '0 never widens it.' }),
      },
      preface: () => [join(clientPreface, encodeSettings([[settings.INITIAL_WINDOW_SIZE, 0]]))],
      script: (get, { release_bytes }) => ({
        frames: [get(1)],
        until: [1],
        releaseWindow: number(release_bytes) > 0 ? { streamId: 1, bytes: number(release_bytes) } : undefined,
      }),
    },
  ),
  h2Fault(
    'h2-settings-no-ack',
    "Never acknowledges the peer's SETTINGS.",
    'a good request; it may give up with SETTINGS_TIMEOUT',
    'RFC 9113 6.5.3',
    { script: (get) => ({ frames: [get(1)], until: [1], acknowledge: false }) },
  ),
  h2Fault(
    'h2-priority',
    'Sends priorities, which are obsolete.',
    'frames to ignore: the request is served',
    'RFC 9113 5.3',
    {
      script: (get) => ({
        frames: [
          encodePriority(5, { exclusive: true, dependsOn: 3, weight: 200 }),
          get(1, { priority: true }),
        ],
        until: [1],
      }),
    },
  ),
  h2Fault(
    'h2-unknown-frame',
    'Sends a frame of type 0xfa.',
    'a frame to ignore: the request is served',
    'RFC 9113 5.5',
    { script: (get) => ({ frames: [encodeFrame(0xfa, 0xff, 0, Buffer.alloc(8)), get(1)], until: [1] }) },
  ),
  h2Fault(
    'h2-undefined-flags',
    'Sets every undefined flag of PING and HEADERS.',
    'flags to ignore: the request is served',
    'RFC 9113 4.1',
    {
      script: (get) => {
        const headers = get(1);
        headers[4]! |= undefinedHeadersFlags;
        return { frames: [encodeFrame(frameTypes.PING, 0xfe, 0, Buffer.alloc(8)), headers], until: [1] };
      },
    },
  ),
  h2Fault(
    'h2-reserved-bit',
    'Sets the reserved bit of HEADERS and of WINDOW_UPDATE.',
    'bits to ignore: the request is served',
    'RFC 9113 4.1, 6.9',
    {
      script: (get) => {
        const headers = get(1);
        headers[5]! |= 0x80;
        return { frames: [encodeWindowUpdate(0, reservedBit + 1), headers], until: [1] };
      },
    },
  ),
  h2Fault(
    'h2-unknown-setting',
    'Announces settings nobody knows.',
    'settings to ignore: the request is served',
    'RFC 9113 6.5.2',
    {
      preface: () => [
        join(
          clientPreface,
          encodeSettings([
            [0x0, 5],
            [0xfafa, 0xffff_ffff],
          ]),
        ),
      ],
      script: (get) => ({ frames: [get(1)], until: [1] }),
    },
  ),
];
