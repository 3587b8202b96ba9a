import type { Shape, Step } from './shape.ts';

/** Each chunk late by `ms`, more or less by up to `jitterMs`; the order stays. */
export function latency(ms: number, jitterMs: number, random: () => number): Shape {
  const holdMs = () => Math.max(0, ms + (random() * 2 - 1) * jitterMs);
  return {
    push: (bytes) => [{ kind: 'bytes', bytes, holdMs: holdMs() }],
  };
}

/** At most `bytesPerSecond`, in slices of a tenth of a second at most. */
export function bandwidth(bytesPerSecond: number): Shape {
  const sliceBytes = Math.max(1, Math.floor(bytesPerSecond / 10));
  return {
    push: (chunk) =>
      slices(chunk, () => sliceBytes).map(
        (bytes): Step => ({ kind: 'bytes', bytes, paceMs: (bytes.length / bytesPerSecond) * 1000 }),
      ),
  };
}

/** Segments of `bytes`, more or less by up to `variation`, with a pause before each. */
export function slicer(bytes: number, variation: number, pauseMs: number, random: () => number): Shape {
  const size = () => Math.max(1, Math.round(bytes + (random() * 2 - 1) * variation));
  return {
    push: (chunk) =>
      slices(chunk, size).map(
        (slice): Step => ({ kind: 'bytes', bytes: slice, apart: true, paceMs: pauseMs }),
      ),
  };
}

/** What arrives within `ms` of the first byte leaves together. */
export function coalesce(ms: number): Shape {
  let dueMs = 0;
  return {
    push(bytes, nowMs) {
      if (nowMs >= dueMs) dueMs = nowMs + ms;
      return [{ kind: 'bytes', bytes, holdMs: dueMs - nowMs }];
    },
  };
}

/** The end of the stream comes `ms` late. */
export function slowClose(ms: number): Shape {
  return {
    push: (bytes) => [{ kind: 'bytes', bytes }],
    finish: () => [{ kind: 'finish', paceMs: ms }],
  };
}

function slices(chunk: Buffer, size: () => number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < chunk.length; ) {
    const part = chunk.subarray(at, at + size());
    parts.push(part);
    at += part.length;
  }
  return parts;
}
