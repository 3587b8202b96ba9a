import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { writtenTogether } from './written-together.ts';

test('lines of one turn are one write, in order; the next turn is another', () => {
  const writes: string[] = [];
  const output = new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, done) => {
      writes.push(text);
      done();
    },
    writev: (parts, done) => {
      writes.push(parts.map(({ chunk }) => chunk).join(''));
      done();
    },
  });
  const turns: (() => void)[] = [];
  const write = writtenTogether(output, (then) => turns.push(then));
  write('a\n');
  write('b\n');
  expect(writes).toEqual([]);
  turns.shift()!();
  expect(writes).toEqual(['a\nb\n']);
  write('c\n');
  turns.shift()!();
  expect(writes).toEqual(['a\nb\n', 'c\n']);
  expect(turns).toEqual([]);
});
