import { expect, test } from 'vitest';
import { commandWords } from './command-words.ts';

test.each([
  ['  a b\\ c   --d {config}\n', ['a', 'b c', '--d', '{config}']],
  [`sh -c 'node "a b" --config {config}'`, ['sh', '-c', 'node "a b" --config {config}']],
  ['"/a folder/node" x', ['/a folder/node', 'x']],
  ['"say \\"so\\" \\\\ \\n"', ['say "so" \\ \\n']],
  ['C:\\node\\node.exe a\\"b', ['C:\\node\\node.exe', 'a"b']],
  ["a'b'\"c\"d ''", ['abcd', '']],
])('%s', (line, words) => {
  expect(commandWords(line)).toEqual(words);
});

test.each(["sh -c 'node", 'a "b', 'a "b\\"'])('%s is told', (line) => {
  expect(() => commandWords(line)).toThrow(`a quote is not closed: ${line}`);
});

test.each(['', ' \n'])('"%s" is told', (line) => {
  expect(() => commandWords(line)).toThrow('a command is empty; write a program and its arguments');
});
