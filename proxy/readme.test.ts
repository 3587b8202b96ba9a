import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { causes } from '../protos/records/causes.ts';
import { keys } from './config/keys.ts';

/** The README of this folder is a reference: what the code knows and the page does not, or the other way round, is a defect. */
const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
const schema = JSON.parse(
  readFileSync(new URL('../protos/records/records.schema.json', import.meta.url), 'utf8'),
) as { anyOf: { properties: Record<string, { const?: string; properties?: object }> }[] };

/** The words in the first column of the tables under a heading. */
function firstColumn(header: string): string[] {
  const tables = readme.split(`\n${header}\n`).slice(1);
  const cells = tables.flatMap((table) =>
    table
      .slice(0, table.search(/\n(?!\|)/))
      .split('\n')
      .map((row) => row.split('|')[1] ?? ''),
  );
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!));
}

test('every cause is in the table, and nothing else', () => {
  expect(firstColumn('| cause | term | meaning |')).toEqual(Object.keys(causes));
});

test('every configuration key is in the tables, and nothing else', () => {
  const listed = firstColumn('| key | unit | default | meaning |');
  const known = Object.entries(keys).flatMap(([section, names]) =>
    names
      .filter((name) => !(name in keys) || name === 'tls')
      .map((name) => (section === '' || section === 'listener' ? name : `${section}.${name}`)),
  );
  expect(listed.sort()).toEqual(known.sort());
});

test('every record kind and key is named', () => {
  const section = readme.slice(readme.indexOf('## Records'));
  const kinds = schema.anyOf.map((variant) => variant.properties.kind!.const);
  expect(firstColumn('| kind | written | its own keys |')).toEqual(kinds);
  for (const { properties } of schema.anyOf) {
    for (const name of Object.keys(properties)) expect(section).toContain(`\`${name}\``);
  }
});
