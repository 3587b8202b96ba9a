import type { Static, TSchema } from 'typebox';
import { Type } from '../schema/type.ts';
import { corrupt, duplicate, limit, lose, stall } from './offsets.ts';
import { bandwidth, coalesce, latency, slicer, slowClose } from './pace.ts';
import { seededRandom } from './random.ts';
import type { Shape } from './shape.ts';

const milliseconds = (fallback: number, description: string) =>
  Type.Integer({ default: fallback, minimum: 0, maximum: 86_400_000, description });
const bytes = (fallback: number, minimum: number, description: string) =>
  Type.Integer({ default: fallback, minimum, maximum: Number.MAX_SAFE_INTEGER, description });

/** Of every shaping: which bytes it is for, and above or below TLS. */
const where = {
  direction: Type.Enum(['to_peer', 'from_peer', 'both'], {
    default: 'to_peer',
    description: 'the bytes it is for',
  }),
  at: Type.Enum(['wire', 'app'], {
    default: 'wire',
    description: 'below TLS, where a segment is a segment, or above it, where a chunk becomes a record',
  }),
};
const seed = Type.Integer({
  default: 1,
  minimum: 0,
  maximum: 4_294_967_295,
  description: 'repeats the random choices',
});

/** The parameters of every shaping. */
export type Where = { direction: 'to_peer' | 'from_peer' | 'both'; at: 'wire' | 'app' };

/** A fault of a byte stream, the same for both ends of it. */
export type Shaping = {
  id: string;
  summary: string;
  params: ReturnType<typeof Type.Object>;
  peerMustSee: string;
  spec: string | null;
  /** What is told of a connection at once; null where a moment of its own is told. */
  says(params: Record<string, unknown>): string | null;
  /** For one direction of one connection. */
  shape(params: Record<string, unknown>): Shape;
};

export const shapings: readonly Shaping[] = [
  shaping(
    'tcp-latency',
    'Delays every byte, by more or less with jitter; the order stays.',
    'All bytes in order, late; a timeout only where the delay exceeds it.',
    null,
    {
      ms: milliseconds(100, 'milliseconds of delay'),
      jitter_ms: milliseconds(0, 'up to so many more or less'),
      seed,
    },
    ({ ms, jitter_ms, seed }) => latency(ms, jitter_ms, seededRandom(seed)),
    ({ ms, jitter_ms }) => `${ms} ms late, more or less by ${jitter_ms} ms`,
  ),
  shaping(
    'tcp-bandwidth',
    'Passes so many bytes a second at most.',
    'All bytes in order, slowly.',
    null,
    { bytes_per_second: bytes(65_536, 1, 'bytes a second') },
    ({ bytes_per_second }) => bandwidth(bytes_per_second),
    ({ bytes_per_second }) => `${bytes_per_second} bytes a second`,
  ),
  shaping(
    'tcp-slicer',
    'Cuts the bytes into small segments, with a pause before each.',
    'All bytes in order, whatever the segments: a message is not a segment.',
    'RFC 9293 3.7',
    {
      bytes: bytes(1, 1, 'size of a segment'),
      variation: bytes(0, 0, 'up to so many bytes more or less'),
      pause_ms: milliseconds(0, 'milliseconds before each segment'),
      seed,
    },
    ({ bytes, variation, pause_ms, seed }) => slicer(bytes, variation, pause_ms, seededRandom(seed)),
    ({ bytes, variation }) => `segments of ${bytes} bytes, more or less by ${variation}`,
  ),
  shaping(
    'tcp-coalesce',
    'Holds bytes back so that what comes within a while leaves together.',
    'All bytes in order; messages that were apart share a segment.',
    'RFC 9293 3.7',
    { ms: milliseconds(20, 'milliseconds from the first byte on') },
    ({ ms }) => coalesce(ms),
    ({ ms }) => `what comes within ${ms} ms leaves together`,
  ),
  shaping(
    'tcp-slow-close',
    'Passes all bytes and holds back the end of the stream.',
    'All bytes at once; FIN late.',
    'RFC 9293 3.6',
    { ms: milliseconds(500, 'milliseconds of delay of the FIN') },
    ({ ms }) => slowClose(ms),
    ({ ms }) => `FIN ${ms} ms late`,
  ),
  shaping(
    'tcp-limit',
    'Passes exactly so many bytes, then ends the connection by FIN or RST.',
    'So many bytes, then FIN (below TLS: without close_notify) or RST; what was open is cut.',
    'RFC 9293 3.6',
    {
      bytes: bytes(1000, 0, 'bytes that pass'),
      how: Type.Enum(['fin', 'rst'], { default: 'fin', description: 'how it ends' }),
      ms: milliseconds(50, 'milliseconds before the end, since a reset drops what the peer has not read'),
    },
    ({ bytes, how, ms }) => limit(bytes, how, ms),
  ),
  shaping(
    'tcp-stall',
    'Passes so many bytes, then nothing for a while or for ever; the connection stays. From the peer: it is not read, and its window fills.',
    'So many bytes, then silence, or a peer that takes no more; its own timeout.',
    'RFC 9293 3.8.6.1',
    {
      bytes: bytes(1000, 0, 'bytes that pass'),
      ms: milliseconds(0, 'milliseconds until what was held back follows; 0: never'),
    },
    ({ bytes, ms }) => stall(bytes, ms),
  ),
  shaping(
    'tcp-corrupt',
    'Flips bits of one byte.',
    'Other bytes than were sent. Below TLS: a record that does not authenticate (bad_record_mac). Above: a wrong message.',
    'RFC 8446 5.2',
    {
      offset: bytes(1000, 0, 'which byte'),
      mask: Type.Integer({
        default: 0,
        minimum: 0,
        maximum: 255,
        description: 'the bits to flip; 0: one that the seed chooses',
      }),
      seed,
    },
    ({ offset, mask, seed }) => corrupt(offset, mask || 1 << Math.floor(seededRandom(seed)() * 8)),
  ),
  shaping(
    'tcp-duplicate',
    'Sends some bytes twice.',
    'Bytes that were not sent. Below TLS: a record that does not authenticate. Above: a broken message.',
    'RFC 8446 5.2',
    { offset: bytes(1000, 0, 'the first byte'), bytes: bytes(100, 1, 'how many') },
    ({ offset, bytes }) => duplicate(offset, bytes),
  ),
  shaping(
    'tcp-lose',
    'Leaves some bytes out.',
    'A gap TCP knows nothing of. Below TLS: a record that does not authenticate. Above: a broken message.',
    'RFC 8446 5.2',
    { offset: bytes(1000, 0, 'the first byte'), bytes: bytes(100, 1, 'how many') },
    ({ offset, bytes }) => lose(offset, bytes),
  ),
];

function shaping<P extends Record<string, TSchema>>(
  id: string,
  summary: string,
  peerMustSee: string,
  spec: string | null,
  params: P,
  shape: (params: { [K in keyof P]: Static<P[K]> }) => Shape,
  says: (params: { [K in keyof P]: Static<P[K]> }) => string | null = () => null,
): Shaping {
  return {
    id,
    summary,
    peerMustSee,
    spec,
    params: Type.Object({ ...params, ...where }, { additionalProperties: false }),
    says: says as Shaping['says'],
    shape: shape as unknown as Shaping['shape'],
  };
}
