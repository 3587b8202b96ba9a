import { expect, test } from 'vitest';
import { grpcTarget } from './target.ts';

test.each([
  ['/pkg.Svc/Do', 'pkg.Svc', 'Do'],
  ['/pkg.Svc/Do?tid=1', 'pkg.Svc', 'Do'],
  ['/pkg.Svc/Do/more', 'pkg.Svc', 'Do/more'],
  ['/pkg.Svc?tid=/x', 'pkg.Svc', null],
  ['/', null, null],
  ['pkg.Svc/Do', null, null],
  [null, null, null],
])('%s', (path, service, method) => {
  expect(grpcTarget(path)).toEqual({ service, method });
});
