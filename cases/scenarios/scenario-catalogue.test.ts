import { resolve } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { loadCatalog } from '../load/catalog.ts';

test('every scenario there is has its case, and no case another', async () => {
  const { stdout } = await execa(process.execPath, ['scripts/scenarios/cli.ts']);
  const there = [...stdout.matchAll(/^ {3}([A-Z]\.\S+)/gm)].map(([, id]) => id);
  const cases = await loadCatalog(resolve('cases/catalog'));
  const told = cases.flatMap(({ scenario }) => (scenario ? [scenario.id] : []));
  expect(told.toSorted()).toEqual(there.toSorted());
});
