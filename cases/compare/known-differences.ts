import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import Type from 'typebox';
import { parse } from 'yaml';
import { UsageError } from '../exit-codes.ts';

const Entry = Type.Object(
  {
    /** Glob over the TID without its mode, and over the field. */
    tid: Type.String(),
    field: Type.String(),
    reason: Type.String({ minLength: 10 }),
  },
  { additionalProperties: false },
);

export type KnownDifferences = {
  /** The reason a difference is known, or null. */
  reasonOf(tid: string, field: string): string | null;
  unused(): string[];
};

/** @throws UsageError when the file is not a list of {tid, field, reason}. */
export function loadKnownDifferences(path: string): KnownDifferences {
  return knownDifferences(parse(readFileSync(path, 'utf8')) ?? [], path);
}

export function knownDifferences(entries: unknown, path: string): KnownDifferences {
  const valid = new Ajv2020({ strict: false }).compile(Type.Array(Entry));
  if (!valid(entries)) {
    throw new UsageError(`${path}: ${valid.errors?.[0]?.instancePath || 'it'} ${valid.errors?.[0]?.message}`);
  }
  const rules = (entries as Type.Static<typeof Entry>[]).map((entry) => ({
    entry,
    used: false,
    tid: glob(entry.tid),
    field: glob(entry.field),
  }));
  return {
    reasonOf: (tid, field) => {
      const rule = rules.find((item) => item.tid.test(tid) && item.field.test(field));
      if (!rule) return null;
      rule.used = true;
      return rule.entry.reason;
    },
    unused: () => rules.filter(({ used }) => !used).map(({ entry }) => `${entry.tid} ${entry.field}`),
  };
}

function glob(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*')}$`);
}
