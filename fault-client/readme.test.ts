import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalogueTable } from './cli/catalogue-table.ts';
import { faults } from './faults/registry.ts';

test('the README shows the faults there are', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  const table = /<!-- faults -->\n([\s\S]*?)\n<!-- \/faults -->/.exec(readme)?.[1];
  expect(table).toBe(catalogueTable());
});

test('ids are unique', () => {
  expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length);
});
