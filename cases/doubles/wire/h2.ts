/** Doubles that do something to the frames of HTTP/2. */
import type { Rewrite, WireDouble } from '../double.ts';
import { endStream, type Frame, frameTypes, rewriteFrames } from './frames.ts';

export const h2Wire: WireDouble[] = [
  {
    name: 'goaway-swallowed',
    lie: 'passes no GOAWAY on, and records it',
    standsFor: 'wiretracer 1.50: GOAWAY is not relayed',
    unseen:
      'the last goodbye of a client that leaves, which a server behind TLS and the proxy for itself do not tell',
    rewrite: () => rewriteFrames([frameTypes.goaway], () => []),
  },
  {
    name: 'trailers-only-split',
    lie: 'ends a stream by an empty DATA frame behind the HEADERS that ended it',
    standsFor: 'wiretracer 1.50: Trailers-Only becomes HEADERS and DATA; grpc-go #577',
    unseen:
      'an answer that is no gRPC, or a client that takes both forms alike: the two frames mean what the one meant',
    rewrite: (side) =>
      side === 'client'
        ? rewriteHeaders(
            (frame) =>
              ends(frame) ? [{ ...frame, flags: frame.flags & ~endStream }, emptyEnd(frame.stream)] : [frame],
            asItIs,
          )
        : null,
  },
  {
    name: 'trailers-lost',
    lie: 'passes the trailers of an answer on as the end of its body',
    standsFor: 'mitmproxy #2474, lightproxy #197, traefik #4181',
    rewrite: (side) =>
      side === 'client' ? rewriteHeaders(asItIs, ({ stream }) => [emptyEnd(stream)]) : null,
  },
  {
    name: 'last-frame-emptied',
    lie: 'loses the last DATA frame of a large body and ends the stream cleanly',
    standsFor: 'wiretracer 1.50: of 300,000 bytes with trailers 196,605 arrive, then END_STREAM',
    rewrite: (side) => (side === 'client' ? withoutLastData() : null),
  },
  {
    name: 'reset-code-changed',
    lie: 'passes RST_STREAM on with the code CANCEL',
    standsFor: 'mitmproxy before PR #3811: the code of a relayed reset is its own',
    unseen: "a server's library that does not tell the code of a client's reset",
    rewrite: () =>
      rewriteFrames([frameTypes.rstStream], (frame) => [{ ...frame, payload: Buffer.from([0, 0, 0, 8]) }]),
  },
];

function asItIs(frame: Frame): Frame[] {
  return [frame];
}

function ends({ flags }: Frame): boolean {
  return (flags & endStream) !== 0;
}

function emptyEnd(stream: number): Frame {
  return { type: frameTypes.data, flags: endStream, stream, payload: Buffer.alloc(0) };
}

/** The HEADERS of a stream that are not its first are its trailers, when they end it (RFC 9113 8.1). */
function rewriteHeaders(first: (frame: Frame) => Frame[], trailers: (frame: Frame) => Frame[]): Rewrite {
  const answered = new Set<number>();
  return rewriteFrames([frameTypes.headers], (frame) => {
    if (answered.has(frame.stream)) return ends(frame) ? trailers(frame) : [frame];
    answered.add(frame.stream);
    return first(frame);
  });
}

/** Of a body over 64 KiB the frames behind it are lost; fewer than a window holds, so that nothing stalls. */
function withoutLastData(): Rewrite {
  const sent = new Map<number, number>();
  return rewriteFrames([frameTypes.data], (frame) => {
    const before = sent.get(frame.stream) ?? 0;
    sent.set(frame.stream, before + frame.payload.length);
    return before > lostBehind && before <= lostBehind + lostAtMost && frame.payload.length > 0
      ? [{ ...frame, flags: frame.flags & endStream, payload: Buffer.alloc(0) }]
      : [frame];
  });
}

const lostBehind = 65_536;
const lostAtMost = 16_384;
