import { expect, test } from 'vitest';
import { invariants } from '../verify/invariants/all.ts';
import { told150, unjudgedInvariants } from './told-invariants.ts';

test('of every invariant it is decided how far records of 1.50 can be judged by it', () => {
  expect(Object.keys(told150)).toEqual(expect.arrayContaining(invariants.map(({ name }) => name)));
});

test('what is not judged is told; an invariant that is not judged at all says why', () => {
  for (const [name, { judged, not }] of Object.entries(told150))
    if (judged === null && name !== 'schema') expect(not, name).not.toBeNull();
  expect(unjudgedInvariants().map(({ invariant }) => invariant)).toContain('ends');
});
