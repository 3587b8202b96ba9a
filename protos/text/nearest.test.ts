import { expect, test } from 'vitest';
import { didYouMean, nearest } from './nearest.ts';

const known = ['h2-srv-rst', 'h2-srv-goaway', 'h2-srv-goaway-graceful', 'tls-alert', 'tcp-accept-rst'];

test.each([
  ['h2-srv-rts', 'h2-srv-rst'],
  ['h2-srv-goway', 'h2-srv-goaway'],
  ['TLS-ALERT', 'tls-alert'],
  ['goaway', 'h2-srv-goaway'],
  ['h2-srv-rst-stream', 'h2-srv-rst'],
  ['something else entirely', null],
  ['', null],
])('%s means %s', (word, meant) => {
  expect(nearest(word, known)).toBe(meant);
});

test('nothing near is nothing said', () => {
  expect(didYouMean('cde', ['code', 'when'])).toBe('did you mean "code"? ');
  expect(didYouMean('zzzz', ['code', 'when'])).toBe('');
});
