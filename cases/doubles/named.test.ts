import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadCatalog } from '../load/catalog.ts';
import { groups } from './groups.ts';
import { mistakesOf } from './mistakes.ts';
import { readNamed } from './named.ts';
import { panel } from './panel.ts';
import { repository } from './suite-program.ts';
import { renewedReadme } from './table.ts';

const doubles = groups.flatMap((group) => group.doubles);
const named = readNamed(panel);

test('the panel is of cases that are there, each once', async () => {
  const tids = (await loadCatalog(resolve(repository, 'cases/catalog'))).map(({ tid }) => tid);
  expect(panel.filter((tid) => !tids.includes(tid))).toEqual([]);
  expect(new Set(panel).size).toBe(panel.length);
});

test('what each double turns red is named, and nothing of doubles that are no more', () => {
  expect([...named.keys()]).toEqual(doubles.map(({ name }) => name));
});

test.each(doubles)('$name turns cases of the panel red; where nobody sees it, it says why', (double) => {
  const { red, unseen, words } = named.get(double.name)!;
  expect(red.length).toBeGreaterThan(0);
  expect([...red, ...unseen].filter((tid) => !panel.includes(tid))).toEqual([]);
  expect(unseen.length > 0).toBe(double.unseen !== undefined);
  expect(words).not.toBe('');
});

test('cases/README.md shows the doubles there are', () => {
  expect(renewedReadme(groups, named, panel.length)).toBeNull();
});

test('a double that turns another set red than named is told in words', () => {
  const failure = { rule: 'records.0', path: 'cause', expected: '"reset"', seen: 'eof' };
  const double = { name: 'x', lie: '', standsFor: '' };
  const outcome = (...red: string[]) => ({
    double,
    acted: new Set(['a', 'b']),
    red: new Map(red.map((tid) => [tid, [failure]])),
  });
  const words = 'records.0 · cause: expected "reset", seen eof';
  const told = { red: ['a', 'b'], unseen: [], words };
  expect(mistakesOf(outcome('a', 'b'), told)).toEqual([]);
  expect(mistakesOf(outcome('a', 'b'), { ...told, words: 'other' })).toEqual([
    'a does not say any more: other',
  ]);
  expect(mistakesOf(outcome('a'), told)).toEqual([
    'was wrong unseen in b',
    'is named to turn red, and did not: b',
  ]);
  expect(mistakesOf(outcome('a', 'b', 'c'), told)).toEqual([
    'turned red where it did nothing: c',
    'turned red without being named: c',
  ]);
  expect(mistakesOf(outcome(), told)[0]).toBe('turns nothing red: nobody looks there');
});
