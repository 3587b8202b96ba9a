import { expect, test } from 'vitest';
import { descriptorBound, fitToMachine, portBound } from './fit.ts';

test('a connection takes two descriptors', () => {
  expect(descriptorBound(22_200, 1).connections).toBe(11_000);
});

test('processes share the connections, unevenly', () => {
  expect(descriptorBound(20_000, 2).connections).toBe(16_500);
});

test('what fits stays as asked', () => {
  expect(fitToMachine(10_000, 1000, [descriptorBound(22_200, 1), portBound(32_768, 60_999)])).toEqual({
    idle: 10_000,
    active: 1000,
    scaledDown: null,
  });
});

test('the tightest bound scales both down in proportion, and is named', () => {
  const ports = fitToMachine(10_000, 1000, [descriptorBound(22_200, 1), portBound(50_001, 55_000)]);
  expect(ports).toMatchObject({ idle: 4090, active: 409 });
  expect(ports.scaledDown).toContain('5000 local ports');
  const descriptors = fitToMachine(10_000, 1000, [descriptorBound(4096, 1), portBound(32_768, 60_999)]);
  expect(descriptors).toMatchObject({ idle: 1770, active: 177 });
  expect(descriptors.scaledDown).toContain('4096 file descriptors');
});
