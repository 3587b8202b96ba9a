import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corrupt, duplicate, limit, lose, stall } from './offsets.ts';
import { bandwidth, coalesce, latency, slicer, slowClose } from './pace.ts';
import { seededRandom } from './random.ts';
import type { Shape } from './shape.ts';
import { shapings } from './shapings.ts';
import { StepQueue } from './step-queue.ts';

type Fact = { atMs: number } & ({ bytes: string } | { what: string });

/** Runs a shape on a clock of its own: chunks at their times, then everything that is still to come. */
function play(shape: Shape | null, chunks: [atMs: number, bytes: string][], finishAtMs?: number): Fact[] {
  const facts: Fact[] = [];
  let nowMs = 0;
  let timers: { atMs: number; call: () => void }[] = [];
  const tell = (what: string) => void facts.push({ atMs: nowMs, what });
  const queue = new StepQueue(shape, {
    nowMs: () => nowMs,
    after: (ms, call) => {
      const timer = { atMs: nowMs + ms, call };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    write: (bytes, _apart, done) => {
      facts.push({ atMs: nowMs, bytes: bytes.toString('latin1') });
      done();
    },
    end: tell,
    stall: () => tell('stall'),
    finish: () => tell('finish'),
    says: () => {},
  });
  const inputs = chunks.map(([atMs, bytes]) => ({
    atMs,
    call: () => queue.push(Buffer.from(bytes, 'latin1')),
  }));
  if (finishAtMs !== undefined) inputs.push({ atMs: finishAtMs, call: () => queue.finish() });
  timers.push(...inputs);
  while (timers.length > 0) {
    const next = timers.reduce((soonest, one) => (one.atMs < soonest.atMs ? one : soonest));
    timers = timers.filter((one) => one !== next);
    nowMs = next.atMs;
    next.call();
  }
  return facts;
}

const textOf = (facts: Fact[]): string => facts.map((fact) => ('bytes' in fact ? fact.bytes : '')).join('');

describe('shapes', () => {
  it('latency delays each chunk from its own arrival and keeps the order', () => {
    expect(
      play(
        latency(50, 0, Math.random),
        [
          [0, 'ab'],
          [10, 'cd'],
        ],
        20,
      ),
    ).toEqual([
      { atMs: 50, bytes: 'ab' },
      { atMs: 60, bytes: 'cd' },
      { atMs: 60, what: 'finish' },
    ]);
  });

  it('bandwidth spreads bytes over time', () => {
    const facts = play(bandwidth(100), [[0, 'x'.repeat(100)]], 1);
    expect(facts.at(-2)).toEqual({ atMs: 1000, bytes: 'x'.repeat(10) });
    expect(facts.at(-1)).toEqual({ atMs: 1000, what: 'finish' });
    for (const at of [250, 500, 750]) {
      const passed = textOf(facts.filter(({ atMs }) => atMs <= at)).length;
      expect(passed).toBeLessThanOrEqual(at / 10);
    }
  });

  it('slicer makes segments of the size asked for, with a pause before each', () => {
    expect(play(slicer(2, 0, 5, Math.random), [[0, 'abcde']])).toEqual([
      { atMs: 5, bytes: 'ab' },
      { atMs: 10, bytes: 'cd' },
      { atMs: 15, bytes: 'e' },
    ]);
  });

  it('coalesce lets bytes of one window leave together', () => {
    expect(
      play(coalesce(20), [
        [0, 'a'],
        [10, 'b'],
        [30, 'c'],
      ]),
    ).toEqual([
      { atMs: 20, bytes: 'ab' },
      { atMs: 50, bytes: 'c' },
    ]);
  });

  it('slow close holds the end back and nothing else', () => {
    expect(play(slowClose(500), [[0, 'a']], 10)).toEqual([
      { atMs: 0, bytes: 'a' },
      { atMs: 510, what: 'finish' },
    ]);
  });

  it.each(['fin', 'rst'] as const)('limit passes exactly its bytes, then %s', (how) => {
    expect(
      play(
        limit(3, how, 7),
        [
          [0, 'ab'],
          [1, 'cd'],
          [2, 'ef'],
        ],
        3,
      ),
    ).toEqual([
      { atMs: 0, bytes: 'ab' },
      { atMs: 1, bytes: 'c' },
      { atMs: 8, what: how },
    ]);
  });

  it('limit of 0 ends at the first byte', () => {
    expect(play(limit(0, 'fin', 0), [[4, 'a']])).toEqual([{ atMs: 4, what: 'fin' }]);
  });

  it('stall holds everything back for its time, or for ever', () => {
    expect(
      play(
        stall(1, 100),
        [
          [0, 'ab'],
          [5, 'c'],
        ],
        6,
      ),
    ).toEqual([
      { atMs: 0, bytes: 'a' },
      { atMs: 100, bytes: 'bc' },
      { atMs: 100, what: 'finish' },
    ]);
    expect(
      play(
        stall(1, 0),
        [
          [0, 'ab'],
          [5, 'c'],
        ],
        6,
      ),
    ).toEqual([
      { atMs: 0, bytes: 'a' },
      { atMs: 0, what: 'stall' },
    ]);
  });

  const cases: [string, Shape, string][] = [
    ['corrupt', corrupt(3, 0x20), 'abcDefgh'],
    ['duplicate', duplicate(3, 2), 'abcdedefgh'],
    ['lose', lose(3, 2), 'abcfgh'],
  ];
  it.each(cases)('%s changes its bytes alone', (_name, shape, expected) => {
    expect(
      textOf(
        play(shape, [
          [0, 'ab'],
          [1, 'cdefgh'],
        ]),
      ),
    ).toBe(expected);
  });

  it('whatever keeps all bytes keeps them in order, however they are cut', () => {
    const kept = ['tcp-latency', 'tcp-bandwidth', 'tcp-slicer', 'tcp-coalesce', 'tcp-slow-close'];
    const given = {
      ms: 3,
      jitter_ms: 50,
      seed: 5,
      bytes: 3,
      variation: 2,
      pause_ms: 1,
      bytes_per_second: 999,
    };
    fc.assert(
      fc.property(
        fc.constantFrom(...kept),
        fc.array(fc.string({ minLength: 1 }), { maxLength: 20 }),
        (id, chunks) => {
          const texts = chunks.map((text) => Buffer.from(text).toString('latin1'));
          const shape = shapings.find((one) => one.id === id)!.shape(given);
          expect(
            textOf(
              play(
                shape,
                texts.map((text, at) => [at, text]),
              ),
            ),
          ).toBe(texts.join(''));
        },
      ),
    );
  });

  it('the same seed makes the same choices', () => {
    const run = (seed: number) =>
      play(latency(50, 50, seededRandom(seed)), [
        [0, 'a'],
        [100, 'b'],
        [200, 'c'],
      ]);
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });
});
