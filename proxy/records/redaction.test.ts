import { expect, test } from 'vitest';
import { redactQuery } from './redaction.ts';

const redaction = {
  listenerJson: '""',
  upstreamAddrJson: '""',
  logHeaders: true,
  headers: new Set<string>(),
  query: new Set(['token', 'api key']),
  fields: new Map(),
};

test.each([
  ['/', '/'],
  ['/?', '/?'],
  ['/token=1', '/token=1'],
  ['/a?token=1', '/a?token=***'],
  ['/a?TOKEN=1&x=2', '/a?TOKEN=***&x=2'],
  ['/a?x=2;token=1;y', '/a?x=2;token=***;y'],
  ['/a?token=1=2&token=3', '/a?token=***&token=***'],
  ['/a?%74oken=1', '/a?%74oken=***'],
  ['/a?%zz=1&token=2', '/a?%zz=1&token=***'],
  ['/a?api+key=1&api%20key=2', '/a?api+key=***&api%20key=***'],
  ['/a?xtoken=1&token', '/a?xtoken=1&token'],
  ['http://h/a?token=1?2#token=3', 'http://h/a?token=***#token=***'],
])('%s is written as %s', (target, written) => {
  expect(redactQuery(target, redaction)).toBe(written);
});
