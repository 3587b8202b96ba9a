import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeGrpcMessage, encodeGrpcMessage } from './message-encoding.ts';
import { statuses, statusName, statusOfHttp, statusOfReset } from './statuses.ts';
import { formatGrpcTimeout, parseGrpcTimeout } from './timeout.ts';

test('the statuses are those of grpc-js', () => {
  const theirs = Object.entries(status).filter(([, code]) => typeof code === 'number');
  expect(Object.entries(statuses).sort()).toEqual(theirs.sort());
  expect([statusName(14), statusName(99)]).toEqual(['UNAVAILABLE', '99']);
});

test('what clients make of HTTP statuses and reset codes', () => {
  expect([200, 302, 400, 401, 403, 404, 429, 500, 503].map(statusOfHttp)).toEqual([
    2, 2, 13, 16, 7, 12, 14, 2, 14,
  ]);
  expect([0, 2, 5, 7, 8, 11, 12, 13].map(statusOfReset)).toEqual([13, 13, 2, 14, 1, 8, 7, 2]);
});

test.each([
  ['plain text', 'plain text'],
  ['100%', '100%25'],
  ['é\n', '%C3%A9%0A'],
  ['~ \u007f', '~ %7F'],
])('grpc-message %j', (text, encoded) => {
  expect(encodeGrpcMessage(text)).toBe(encoded);
  expect(decodeGrpcMessage(encoded)).toBe(text);
});

test('a broken escape stays, and encodeURI of anything is read too', () => {
  expect(decodeGrpcMessage('%ZZ%4%20%')).toBe('%ZZ%4 %');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(decodeGrpcMessage(encodeGrpcMessage(text))).toBe(text);
      expect(decodeGrpcMessage(encodeURIComponent(text))).toBe(text);
    }),
  );
});

test.each<[value: string, ms: number | null]>([
  ['1H', 3_600_000],
  ['2M', 120_000],
  ['3S', 3000],
  ['50m', 50],
  ['1500u', 1.5],
  ['1n', 1e-6],
  ['99999999m', 99_999_999],
  ['100000000m', null],
  ['abc', null],
  ['5', null],
  ['-1S', null],
  ['', null],
])('grpc-timeout %j', (value, ms) => {
  expect(parseGrpcTimeout(value)).toBe(ms);
});

test('a written timeout has at most eight digits and is never shorter', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 3e11, noNaN: true }), (ms) => {
      const parsed = parseGrpcTimeout(formatGrpcTimeout(ms))!;
      // Both conversions round in the last place of a double.
      expect(parsed).toBeGreaterThanOrEqual(ms * (1 - 1e-12));
    }),
  );
});
