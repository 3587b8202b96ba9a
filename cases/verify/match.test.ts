import { expect, test } from 'vitest';
import { checkPattern, match } from './match.ts';

const context = { timeScale: 2, resolve: (path: string) => ({ 'client.sha': 'ab' })[path] };
const matches = (pattern: unknown, value: unknown, path = 'x') =>
  match(pattern, value, path, context).length === 0;

test.each<[unknown, unknown, boolean]>([
  [{ a: 1 }, { a: 1, b: 2 }, true],
  [{ a: 1 }, { b: 2 }, false],
  [[1, 2], [1, 2], true],
  [[1], [1, 2], false],
  [null, null, true],
  [null, undefined, false],
  [{ $re: '^a+$' }, 'aaa', true],
  [{ $re: '/^A+$/i' }, 'aaa', true],
  [{ $re: 'a' }, 1, false],
  [{ $eq: { a: 1 } }, { a: 1, b: 2 }, false],
  [{ $ne: null }, null, false],
  [{ $in: [1, null] }, null, true],
  [{ $notIn: [1, 2] }, 3, true],
  [{ $gt: 1 }, 1, false],
  [{ $gte: 1 }, 1, true],
  [{ $lt: 1 }, '0', false],
  [{ $lte: 1 }, 1, true],
  [{ $between: [1, 3] }, 4, false],
  [{ $approx: { v: 10, tol: 1 } }, 11, true],
  [{ $present: true }, null, false],
  [{ $absent: true }, undefined, true],
  [{ $type: 'integer' }, 1.5, false],
  [{ $type: 'array' }, [], true],
  [{ $len: 2 }, 'ab', true],
  [{ $len: { $gt: 2 } }, [1, 2], false],
  [{ $contains: 'ell' }, 'hello', true],
  [{ $contains: { a: 1 } }, [{ a: 2 }, { a: 1, b: 1 }], true],
  [{ $each: { a: 1 } }, [{ a: 1 }, { a: 2 }], false],
  [{ $any: [1, { $gt: 5 }] }, 6, true],
  [{ $all: [{ $gt: 1 }, { $lt: 5 }] }, 6, false],
  [{ $not: { $re: 'x' } }, 'x', false],
  [{ $ref: 'client.sha' }, 'ab', true],
  [{ $ref: 'client.none' }, undefined, false],
])('%j on %j is %s', (pattern, value, expected) => {
  expect(matches(pattern, value)).toBe(expected);
});

test('only upper bounds of times are scaled', () => {
  expect(matches({ $lt: 100 }, 150, 'duration_ms')).toBe(true);
  expect(matches({ $lt: 100 }, 150, 'bytes')).toBe(false);
  expect(matches({ $gte: 100 }, 100, 'duration_ms')).toBe(true);
  expect(matches({ $between: [10, 100] }, 5, 'duration_ms')).toBe(false);
});

test('a mismatch names the path, what was expected and what was seen', () => {
  expect(
    match({ response: { status: 200 } }, { response: { status: 502 } }, '', context),
  ).toMatchInlineSnapshot(`
    [
      {
        "expected": "200",
        "path": "response.status",
        "seen": 502,
      },
    ]
  `);
});

test('mistakes in patterns are found before anything runs', () => {
  const pattern = { a: { $foo: 1 }, b: { $re: '(' }, c: { $gt: 1, $lt: 2 }, d: { $any: [{ $between: 3 }] } };
  expect(checkPattern(pattern, '').map(({ path, text }) => `${path}: ${text}`)).toMatchInlineSnapshot(`
    [
      "/a: unknown operator $foo; write one of $re $eq $ne $in $notIn $gt $gte $lt $lte $between $approx $present $absent $type $len $contains $any $all $each $not $ref",
      "/b: $re is not a regular expression: Invalid regular expression: /(/: Unterminated group",
      "/c: an operator stands alone in its map; wrap several in {$all: [{$gt}, {$lt}]}",
      "/d/$any/0: $between needs [lowest, highest]",
    ]
  `);
});
