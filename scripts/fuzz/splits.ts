import type { Step } from '../../protos/testing/fuzz-target.ts';
import { type Random, whole } from './random.ts';
import { byteCount, merged } from './transcript.ts';

/** One way of cutting a transcript; the order of the sides stays. */
export type Split = { name: string; steps: Step[] };

/** Every way that the replay of the corpus tries, the one in as few pieces as possible first. */
export function* everySplit(steps: readonly Step[], random: Random): Generator<Split> {
  const long = merged(steps);
  const bytes = byteCount(long);
  yield { name: 'one piece', steps: long };
  yield { name: 'as written', steps: [...steps] };
  yield { name: 'byte by byte', steps: inPieces(long, 1) };
  yield { name: 'byte by byte with nothing between', steps: withNothings(inPieces(long, 1)) };
  for (const size of [2, 3, 5, 8, 9, 24, 100]) {
    if (size < bytes) yield { name: `in pieces of ${size}`, steps: inPieces(long, size) };
  }
  const places = bytes <= 128 ? bytes : 24;
  for (let n = 1; n < places; n++) {
    const at = bytes <= 128 ? n : 1 + whole(random, bytes - 1);
    yield { name: `cut at ${at}`, steps: cutAt(long, at) };
  }
  for (let n = 1; n <= 8; n++) yield { name: `at random, ${n}`, steps: atRandom(long, random) };
}

/** One or two ways for an input of which there will be many more. */
export function* someSplits(steps: readonly Step[], random: Random): Generator<Split> {
  const long = merged(steps);
  const bytes = byteCount(long);
  if (bytes < 2) return;
  const choice = random();
  if (choice < 0.35 && bytes <= 1024) yield { name: 'byte by byte', steps: inPieces(long, 1) };
  else if (choice < 0.55)
    yield { name: 'cut at one place', steps: cutAt(long, 1 + whole(random, bytes - 1)) };
  else yield { name: 'at random', steps: atRandom(long, random) };
}

function inPieces(steps: readonly Step[], size: number): Step[] {
  return steps.flatMap(({ from, bytes }) => {
    const pieces: Step[] = [];
    for (let at = 0; at < bytes.length; at += size)
      pieces.push({ from, bytes: bytes.subarray(at, at + size) });
    return pieces;
  });
}

function withNothings(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) => [{ from: step.from, bytes: Buffer.alloc(0) }, step]);
}

/** In two where byte `at` of all of them begins. */
function cutAt(steps: readonly Step[], at: number): Step[] {
  let before = 0;
  return steps.flatMap(({ from, bytes }) => {
    const place = at - before;
    before += bytes.length;
    if (place <= 0 || place >= bytes.length) return [{ from, bytes }];
    return [
      { from, bytes: bytes.subarray(0, place) },
      { from, bytes: bytes.subarray(place) },
    ];
  });
}

function atRandom(steps: readonly Step[], random: Random): Step[] {
  // Of one transcript the pieces are alike: either many small ones or a few large ones.
  const most = [3, 12, 60, 400][whole(random, 4)]!;
  return steps.flatMap(({ from, bytes }) => {
    const pieces: Step[] = [];
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + whole(random, most);
      pieces.push({ from, bytes: bytes.subarray(at, at + size) });
      at += size;
    }
    return pieces;
  });
}
