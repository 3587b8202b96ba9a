import { expect, test } from 'vitest';
import { covers, differencesOf, shownApart } from './differences.ts';

test('the deepest places that differ are named', () => {
  const direct = { status: 200, headers: [['a', '1']], close: { by: 'peer', peer_end: 'fin' } };
  const proxied = { status: 200, headers: [['a', '2']], close: { by: 'peer', peer_end: 'rst' }, more: 1 };
  expect(differencesOf(direct, direct, 'client')).toEqual([]);
  expect(differencesOf(direct, proxied, 'client')).toEqual([
    { path: 'client.headers.0.1', direct: '1', proxied: '2' },
    { path: 'client.close.peer_end', direct: 'fin', proxied: 'rst' },
    { path: 'client.more', direct: undefined, proxied: 1 },
  ]);
});

test('a list of another length is one difference; nothing is not null', () => {
  expect(differencesOf([1, 2], [1], 'x')).toEqual([{ path: 'x', direct: [1, 2], proxied: [1] }]);
  expect(differencesOf(null, {}, 'x')).toEqual([{ path: 'x', direct: null, proxied: {} }]);
  expect(differencesOf({ a: null }, {}, 'x')).toEqual([{ path: 'x.a', direct: null, proxied: undefined }]);
});

test.each([
  ['client.close', 'client.close', true],
  ['client.close', 'client.close.by', true],
  ['client.close', 'client.closed', false],
  ['client.close.by', 'client.close', false],
  ['server.*.close', 'server.0.close.by', true],
  ['server.*.close', 'server.0.open.close', false],
  ['server.1.close', 'server.0.close', false],
])('%s covers %s: %s', (pattern, path, covered) => {
  expect(covers(pattern, path)).toBe(covered);
});

test('long texts are shown from where they part', () => {
  const shared = 'x'.repeat(300);
  const { direct, proxied } = shownApart(`${shared}abc`, `${shared}abd`);
  expect(direct).toBe(`303 characters, from 282 on "${'x'.repeat(18)}abc"`);
  expect(proxied).toBe(`303 characters, from 282 on "${'x'.repeat(18)}abd"`);
  expect(shownApart(200, 404)).toEqual({ direct: '200', proxied: 404 });
});
