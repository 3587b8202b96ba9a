import { expect, it } from 'vitest';
import { tidOfTarget, traceIdOf } from './identity.ts';

it.each([
  ['/p?tid=a', 'a'],
  ['/p?x=1&tid=a%20b&tid=c', 'a%20b'],
  ['/p?xtid=1&tid=', ''],
  ['/p?tid=a#tid=b', 'a'],
  ['http://h/p?tid=a', 'a'],
  ['/p?TID=a', null],
  ['/p?tid', null],
  ['/tid=a', null],
  ['/p', null],
  ['*', null],
])('tid of %s is %s', (target, tid) => {
  expect(tidOfTarget(target)).toBe(tid);
});

// W3C Trace Context 2.2.2 and 3.2.2, and the examples of the recommendation.
const id = '0af7651916cd43dd8448eb211c80319c';
it.each([
  [`00-${id}-b7ad6b7169203331-01`, id],
  [`01-${id}-b7ad6b7169203331-01-what-follows`, id],
  [`01-${id}-b7ad6b7169203331-01`, id],
  [`00-${id}-b7ad6b7169203331-01-more`, null],
  [`01-${id}-b7ad6b7169203331-01more`, null],
  [`ff-${id}-b7ad6b7169203331-01`, null],
  [`00-${'0'.repeat(32)}-b7ad6b7169203331-01`, null],
  [`00-${id}-${'0'.repeat(16)}-01`, null],
  [`00-${id.toUpperCase()}-b7ad6b7169203331-01`, null],
  [`00-${id}-b7ad6b7169203331`, null],
  ['', null],
  [null, null],
])('trace id of %s', (traceparent, expected) => {
  expect(traceIdOf(traceparent)).toBe(expected);
});
