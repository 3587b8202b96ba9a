import { expect, test } from 'vitest';
import { confusionTable, isDiagonal, type Row } from './confusion.ts';

const row = (id: string, first: string | null, skipped: string | null = null): Row => ({
  variant: { id, role: 'symptom', title: id, run: async () => {} },
  first,
  skipped,
});
const expected = new Map([
  ['A.one', 'cause-a/way'],
  ['A.any', 'cause-a'],
  ['A.twin', null],
]);

test('what leads where it must is diagonal; an expectation without a variant takes any', () => {
  const rows = [row('A.one', 'cause-a/way'), row('A.any', 'cause-a/other'), row('A.twin', null)];
  expect(isDiagonal(rows, expected)).toBe(true);
  expect(confusionTable(rows, expected)).toMatch(/3 as expected \(#\), 0 not/);
});

test.each([
  ['another variant', row('A.one', 'cause-a/other')],
  ['another finding', row('A.any', 'cause-b/way')],
  ['a finding in a twin', row('A.twin', 'cause-a/way')],
  ['nothing in a symptom', row('A.one', null)],
])('%s is not', (_what, wrong) => {
  expect(isDiagonal([wrong], expected)).toBe(false);
  const table = confusionTable([wrong], expected);
  expect(table).toMatch(/ X/);
  expect(table).toMatch(/ o/);
  expect(table).toMatch(/0 as expected \(#\), 1 not/);
});

test('what is skipped is told and counts as neither', () => {
  const rows = [row('A.one', null, 'nginx is missing')];
  expect(isDiagonal(rows, expected)).toBe(true);
  expect(confusionTable(rows, expected)).toMatch(/\?.*skipped: nginx is missing[\s\S]*0 not .*1 skipped/);
});
