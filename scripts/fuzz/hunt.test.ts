import { describe, expect, test } from 'vitest';
import { type FuzzTarget, only, type Step } from '../../protos/testing/fuzz-target.ts';
import { type Found, hunt } from './hunt.ts';
import { installMeter } from './meter.ts';
import { byteCount } from './transcript.ts';

installMeter();

/** A decoder of lines, `name:value`, that is right but for what `broken` makes wrong. */
function lines(broken: {
  throws?: boolean;
  forgetsAtCut?: boolean;
  keepsChunk?: boolean;
  changes?: boolean;
  copiesAll?: boolean;
}): FuzzTarget {
  return {
    name: 'lines',
    about: 'deliberately broken',
    grammar: 'text',
    sides: ['peer'],
    cuts: true,
    words: ['name', ':', 'size: ', '\r\n'],
    // What has no line end yet is joined for each piece of it.
    copiedBytes: (bytes) => 2 * bytes * bytes + 64 * bytes + 65_536,
    seeds: () => [only('name: value\r\nsize: 12\r\n')],
    run(steps: Iterable<Step>) {
      let pending: Buffer = Buffer.alloc(0);
      const read: string[] = [];
      const kept: Buffer[] = [];
      for (const { bytes } of steps) {
        if (broken.changes && bytes.length > 20) bytes[0] = 0;
        if (broken.keepsChunk) kept.push(bytes);
        pending = Buffer.concat([pending, bytes]);
        for (let end = pending.indexOf(10); end >= 0; end = pending.indexOf(10)) {
          const line = pending.toString('latin1', 0, end);
          const size = /size: (\d+)/.exec(line)?.[1];
          if (broken.throws && Number(size) > 65_535) throw new RangeError(`size ${size}`);
          read.push(line.replace(/\r$/, ''));
          pending = pending.subarray(end + 1);
        }
        if (broken.copiesAll) for (let n = 0; n < 200; n++) Buffer.from(pending);
        // A CR at the end of a piece is taken for a whole line end.
        if (broken.forgetsAtCut && pending.at(-1) === 13) pending = Buffer.alloc(0);
      }
      return { read, rest: pending.toString('latin1'), kept: Buffer.concat(kept).toString('latin1') };
    },
  };
}

function huntIn(target: FuzzTarget, seed = 1, executions = 20_000) {
  const found: Found[] = [];
  const tried: string[] = [];
  const result = hunt(target, {
    seed,
    goesOn: (done) => done < executions && found.length === 0,
    found: (finding) => found.push(finding),
    trying: (steps) => tried.push(steps.map(({ bytes }) => bytes.toString('hex')).join(' ')),
  });
  return { found, tried, ...result };
}

describe('a broken decoder is found, and the input made small', () => {
  test('one that throws', () => {
    const { found } = huntIn(lines({ throws: true }));
    expect(found).toMatchObject([{ kind: 'threw', text: expect.stringContaining('RangeError: size') }]);
    // `size: ` with five digits and a line end.
    expect(byteCount(found[0]!.steps)).toBeLessThanOrEqual(13);
  });

  test('one whose result depends on the cut', () => {
    const { found } = huntIn(lines({ forgetsAtCut: true }));
    expect(found).toMatchObject([{ kind: 'depends on the cut' }]);
    expect(byteCount(found[0]!.steps)).toBeLessThanOrEqual(3);
  });

  test('one that keeps a chunk it was lent', () => {
    expect(huntIn(lines({ keepsChunk: true })).found).toMatchObject([{ kind: 'depends on the cut' }]);
  });

  test('one that changes the bytes it is shown', () => {
    const [finding] = huntIn(lines({ changes: true })).found;
    expect(finding).toMatchObject({
      kind: 'threw',
      text: expect.stringContaining('leaves the bytes as they are'),
    });
  });

  test('one that copies all it has for every piece', () => {
    const target = { ...lines({ copiesAll: true }), copiedBytes: (bytes: number) => 64 * bytes + 4096 };
    expect(huntIn(target).found).toMatchObject([{ kind: 'too much work' }]);
  });
});

test('nothing is found in a right one, and the same seed tries the same inputs', () => {
  const [once, again, other] = [
    huntIn(lines({}), 7, 3000),
    huntIn(lines({}), 7, 3000),
    huntIn(lines({}), 8, 3000),
  ];
  expect(once.found).toEqual([]);
  expect(once.executions).toBeGreaterThanOrEqual(3000);
  expect(again.tried).toEqual(once.tried);
  expect(other.tried).not.toEqual(once.tried);
});
