import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import Type from 'typebox';
import { parse } from 'yaml';
import { UsageError } from '../exit-codes.ts';
import type { Falsification } from './mutants.ts';

const Entry = Type.Object(
  {
    /** Regular expressions over the whole word; left out, any. */
    kind: Type.Optional(Type.String()),
    field: Type.Optional(Type.String()),
    mutation: Type.Optional(Type.String()),
    reason: Type.String({ minLength: 10 }),
  },
  { additionalProperties: false },
);
type Entry = Type.Static<typeof Entry>;

/** Falsifications that change nothing any witness could know: listed with the reason, and counted apart. */
export type Equivalents = { reasonOf(mutant: Falsification): string | null; unused(): string[] };

export function loadEquivalents(
  path = fileURLToPath(new URL('./equivalents.yaml', import.meta.url)),
): Equivalents {
  const entries = (parse(readFileSync(path, 'utf8')) ?? []) as Entry[];
  const valid = new Ajv2020({ strict: false }).compile(Type.Array(Entry));
  if (!valid(entries))
    throw new UsageError(`${path}: ${valid.errors?.[0]?.instancePath} ${valid.errors?.[0]?.message}`);
  const rules = entries.map((entry) => ({ entry, used: false, test: tester(entry) }));
  return {
    reasonOf: (mutant) => {
      const rule = rules.find(({ test }) => test(mutant));
      if (!rule) return null;
      rule.used = true;
      return rule.entry.reason;
    },
    unused: () =>
      rules
        .filter(({ used }) => !used)
        .map(({ entry }) => `${entry.kind ?? '*'} ${entry.field ?? '*'} ${entry.mutation ?? ''}`),
  };
}

function tester(entry: Entry): (mutant: Falsification) => boolean {
  const whole = (source: string | undefined) => (source === undefined ? null : new RegExp(`^(?:${source})$`));
  const [kind, field, mutation] = [whole(entry.kind), whole(entry.field), whole(entry.mutation)];
  return (mutant) =>
    (kind?.test(mutant.kind) ?? true) &&
    (field?.test(mutant.field) ?? true) &&
    (mutation?.test(mutant.mutation) ?? true);
}
