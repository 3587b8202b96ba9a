/** Which finding each variant has to lead to: the cases of the catalogue say it, and nobody else. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

type Catalogue = { scenarios: { scenario: string; expect: { finding: string | null } }[] };

const catalogue = fileURLToPath(new URL('../../cases/catalog/scenarios/scenarios.yaml', import.meta.url));

/** By the id of a variant; null where nothing may be found. */
export function expectations(): ReadonlyMap<string, string | null> {
  const { scenarios } = parse(readFileSync(catalogue, 'utf8')) as Catalogue;
  return new Map(scenarios.map(({ scenario, expect }) => [scenario, expect.finding]));
}
