import { expect, test } from 'vitest';
import { shard, shuffle } from './order.ts';
import { select } from './selectors.ts';

const cases = ['proxy_v1.h1', 'proxy_v1.h2', 'proxy_v1_h1', 'mtls_bad'].map((tid) => ({
  tid,
  tags: tid.startsWith('mtls') ? ['slow'] : ['smoke'],
  area: tid.split('_')[0]!,
}));
const tids = (...selectors: string[]) => select(cases, selectors).map(({ tid }) => tid);

test('names, beginnings, globs, tags, expressions, areas and exclusions', () => {
  // What takes long runs where it is named.
  expect(tids()).toEqual(['proxy_v1.h1', 'proxy_v1.h2', 'proxy_v1_h1']);
  expect(tids('proxy_v1')).toEqual(['proxy_v1.h1', 'proxy_v1.h2']);
  expect(tids('proxy_v1.h2')).toEqual(['proxy_v1.h2']);
  expect(tids('proxy*h1')).toEqual(['proxy_v1.h1', 'proxy_v1_h1']);
  expect(tids('@slow')).toEqual(['mtls_bad']);
  expect(tids('/h[12]$/', '!proxy_v1')).toEqual(['proxy_v1_h1']);
  expect(tids('area:mtls', 'proxy_v1_h1')).toEqual(['proxy_v1_h1', 'mtls_bad']);
  expect(tids('!proxy_v1')).toEqual(['proxy_v1_h1']);
});

test('a name that is no case is a mistake, a pattern that matches nothing is not', () => {
  expect(() => tids('proxy_v2')).toThrow('no case is named proxy_v2; did you mean proxy_v1?');
  expect(() => tids('proxy')).toThrow('no case is named proxy; did you mean proxy*?');
  expect(tids('zzz*')).toEqual([]);
});

test('shards are disjoint and complete', () => {
  const items = [1, 2, 3, 4, 5, 6, 7];
  const parts = ['1/3', '2/3', '3/3'].flatMap((text) => shard(items, text));
  expect(parts.sort()).toEqual(items);
  expect(() => shard(items, '4/3')).toThrow('--shard 4/3: write i/n with 1 <= i <= n, for example 1/3');
});

test('a seed fixes the order, and nothing is lost', () => {
  const items = Array.from({ length: 50 }, (_unused, index) => index);
  expect(shuffle(items, 7)).toEqual(shuffle(items, 7));
  expect(shuffle(items, 7)).not.toEqual(shuffle(items, 8));
  expect(shuffle(items, 7).sort((left, right) => left - right)).toEqual(items);
});
