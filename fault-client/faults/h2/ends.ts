import {
  encodeContinuation,
  encodeFrame,
  encodeGoaway,
  encodePing,
  encodeRstStream,
} from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import type { Fault } from '../fault.ts';
import { code, count, encoded, h2Fault, join, number, times } from './h2-fault.ts';

/** Ends of a stream or of the connection, in order and out of it. */
export const endFaults: Fault[] = [
  h2Fault(
    'h2-rst-stream',
    'Opens a stream and resets it at once.',
    'RST_STREAM with that code',
    'RFC 9113 6.4',
    {
      extra: { code: code(8) },
      script: (get, { code }) => ({
        frames: [join(get(1), encodeRstStream(1, number(code)))],
        until: 'ping',
      }),
    },
  ),
  h2Fault(
    'h2-goaway',
    'Opens a stream and says GOAWAY.',
    'GOAWAY with that code; the stream still ends',
    'RFC 9113 6.8',
    {
      extra: {
        code: code(0),
        debug: Type.String({ default: 'fault', maxLength: 1024, description: 'Debug data.' }),
      },
      script: (get, { code, debug }) => ({
        frames: [join(get(1), encodeGoaway(0, number(code), debug as string))],
        until: [1],
      }),
    },
  ),
  h2Fault(
    'h2-frames-after-goaway',
    'Earns a GOAWAY by a PING of 7 bytes and answers it with PING frames and a request.',
    'its own GOAWAY to keep: what follows is not processed, and the connection ends',
    'CVE-2026-48937; RFC 9113 5.4.1',
    {
      extra: { n: count(100) },
      script: (get, { n }) => ({
        frames: [encodePing(Buffer.alloc(7))],
        afterGoaway: join(...times(n, () => encodePing()), get(1)),
        until: 'peer_end',
      }),
    },
  ),
  h2Fault(
    'h2-fin-mid-frame',
    'Sends FIN inside a DATA frame.',
    'a frame cut by the end of the stream',
    'RFC 9113 4.1',
    {
      script: (get) => ({
        frames: [join(get(1, { body: true }), encodeFrame(0, 1, 1, Buffer.alloc(10), { length: 100 }))],
        until: 'peer_end',
        after: 'fin',
      }),
    },
  ),
  h2Fault(
    'h2-tcp-rst-open-stream',
    'Resets TCP with a stream open, without GOAWAY.',
    'a reset with a request not over',
    'CVE-2025-23085; RFC 9293 3.5.3',
    {
      script: (get) => ({ frames: [get(1, { body: true })], until: 'ping', after: 'rst' }),
    },
  ),
  h2Fault(
    'h2-continuation-then-rst',
    'Resets TCP inside a header block.',
    'a reset in a block that never ends',
    'CVE-2024-27983',
    {
      extra: { n: count(3) },
      script: (get, { n }) => ({
        frames: [
          join(
            get(1, { endHeaders: false }),
            ...times(n, () => encodeContinuation(1, encoded([['x-fragment', '1']]), false)),
          ),
        ],
        until: [],
        after: 'rst',
      }),
    },
  ),
];
