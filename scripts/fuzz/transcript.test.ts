import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../protos/shaping/random.ts';
import type { Step } from '../../protos/testing/fuzz-target.ts';
import { everySplit } from './splits.ts';
import { byteCount, formatTranscript, merged, parseTranscript } from './transcript.ts';

const sides = ['client', 'upstream'] as const;
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    from: fc.constantFrom(0 as const, 1 as const),
    bytes: fc
      .oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.string({ maxLength: 60 }).map((text) => Buffer.from(text)),
        fc.constantFrom(
          ...['', '\n', 'a\r\nb', '"# +\\', '\xff\0'].map((text) => Buffer.from(text, 'latin1')),
        ),
      )
      .map((bytes) => Buffer.from(bytes)),
  }),
  { maxLength: 6 },
);

test('a transcript written and read again is the same', () => {
  fc.assert(
    fc.property(steps, (written) => {
      expect(parseTranscript(formatTranscript(written, sides, 'why\nit is kept'), sides)).toEqual(written);
    }),
  );
});

test('text is written as text, the rest in hex, long steps in several lines', () => {
  const written: Step[] = [
    { from: 0, bytes: Buffer.from('GET / HTTP/1.1\r\nHost: \xe9\r\n', 'latin1') },
    { from: 1, bytes: Buffer.alloc(60, 0x80) },
  ];
  expect(formatTranscript(written, sides).split('\n')).toEqual([
    'client "GET / HTTP/1.1\\r\\n"',
    '+ "Host: \\u00e9\\r\\n"',
    `upstream ${'80'.repeat(48)}`,
    `+ ${'80'.repeat(12)}`,
    '',
  ]);
});

test.each(['server 00', 'client 0', 'client "a', '+ 00', 'client', 'client zz'])(
  '%j is no line of one',
  (line) => {
    expect(() => parseTranscript(`${line}\n`, sides)).toThrow(
      /^line 1: .*write client or upstream, then bytes$/,
    );
  },
);

test('every way of cutting keeps the bytes and the order of the sides', () => {
  fc.assert(
    fc.property(steps, fc.integer(), (written, seed) => {
      for (const { name, steps: cut } of everySplit(written, seededRandom(seed))) {
        expect(merged(cut.filter(isSomething)), name).toEqual(merged(written.filter(isSomething)));
      }
    }),
    { numRuns: 40 },
  );
});

test('among the ways is every single byte on its own and every place between two', () => {
  const written: Step[] = [{ from: 0, bytes: Buffer.from('abcdefghij') }];
  const splits = [...everySplit(written, seededRandom(1))];
  expect(splits.some(({ steps: cut }) => cut.length === byteCount(written))).toBe(true);
  for (let at = 1; at < 10; at++)
    expect(
      splits.some(({ steps: cut }) => cut.length === 2 && cut[0]!.bytes.length === at),
      String(at),
    ).toBe(true);
});

function isSomething({ bytes }: Step): boolean {
  return bytes.length > 0;
}
