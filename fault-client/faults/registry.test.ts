import { expect, test } from 'vitest';
import { limitNames } from '../../protos/control/fault-limits.ts';
import { faultLimits, faultParams } from './params.ts';
import { faults, findFault } from './registry.ts';

test('ids are unique', () => {
  expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length);
});

test('every parameter has a default that its own schema accepts, and none has the name of a limit', () => {
  const limits = limitNames.filter((name) => name !== 'seed');
  for (const fault of faults) {
    const names = Object.keys(fault.params.properties);
    expect(Object.keys(faultParams(fault)).sort(), fault.id).toEqual(names.sort());
    expect(
      names.filter((name) => limits.includes(name as never)),
      fault.id,
    ).toEqual([]);
  }
});

test('limits that cannot apply are refused in words', () => {
  const fault = findFault('h1-cl-te');
  expect(faultLimits(fault, { nth: '3' })).toEqual({ nth: 3 });
  expect(() => faultLimits(fault, { after_frames: 1 })).toThrow('a limit of the fault-server');
  expect(() => faultLimits(fault, { seed: 1 })).toThrow('seed goes with probability');
});
