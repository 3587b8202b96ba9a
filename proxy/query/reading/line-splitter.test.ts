import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

type Told = { lines: [number, string][]; tooLong: [number, number][] };

function split(chunks: readonly Buffer[], maxLineBytes = 1000): Told & { rest: unknown } {
  const told: Told = { lines: [], tooLong: [] };
  const splitter = new LineSplitter(maxLineBytes, {
    line: (text, number) => told.lines.push([number, text]),
    tooLong: (number, bytes) => told.tooLong.push([number, bytes]),
  });
  const reused = Buffer.alloc(4096);
  for (const chunk of chunks) {
    // As the reader does: the chunk is overwritten by the next one.
    chunk.copy(reused);
    splitter.push(reused.subarray(0, chunk.length));
  }
  return { ...told, rest: splitter.end() };
}

test('lines are numbered, empty ones too, and what follows the last LF is apart', () => {
  expect(split([Buffer.from('a\n\nb\nc')])).toEqual({
    lines: [
      [1, 'a'],
      [2, ''],
      [3, 'b'],
    ],
    tooLong: [],
    rest: { text: 'c', number: 4 },
  });
});

test('a line over the limit is told by its length and the next one is read', () => {
  const text = Buffer.from(`${'x'.repeat(30)}\nok\n${'y'.repeat(12)}`);
  for (const size of [1, 7, 100]) {
    const chunks = [];
    for (let at = 0; at < text.length; at += size) chunks.push(text.subarray(at, at + size));
    expect(split(chunks, 10)).toEqual({
      lines: [[2, 'ok']],
      tooLong: [
        [1, 30],
        [3, 12],
      ],
      rest: null,
    });
  }
});

test('any cut into chunks gives the lines that String.split gives', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'é', '€', '😀', '\n', '\r\n', ''), { maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }),
      (parts, sizes) => {
        const bytes = Buffer.from(parts.join(''));
        const chunks: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length]!;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        const expected = parts.join('').split('\n');
        const { lines, rest } = split(chunks);
        expect(lines.map(([, text]) => text)).toEqual(expected.slice(0, -1));
        const last = expected.at(-1)!;
        expect(rest).toEqual(last === '' ? null : { text: last, number: expected.length });
      },
    ),
  );
});
