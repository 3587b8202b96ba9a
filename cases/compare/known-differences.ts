import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import Type from 'typebox';
import { parse } from 'yaml';
import { UsageError } from '../exit-codes.ts';
import { deepEqual } from '../json.ts';
import type { Difference } from './projection.ts';

const Entry = Type.Object(
  {
    /** Glob over the TID without its mode. */
    tid: Type.String(),
    /** Field to the values each mode may show; any other value is unknown. */
    fields: Type.Record(
      Type.String(),
      Type.Object(
        { grpc_native: Type.Array(Type.Unknown()), grpc: Type.Array(Type.Unknown()) },
        { additionalProperties: false },
      ),
    ),
    reason: Type.String({ minLength: 10 }),
    /** A race decides whether it shows: that it did not show is no news. */
    sometimes: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

export type KnownDifferences = {
  /** The reason a difference is known, or null. */
  reasonOf(tid: string, difference: Difference): string | null;
  unused(): string[];
};

/** @throws UsageError when the file is not a list of {tid, fields, reason}. */
export function loadKnownDifferences(path: string): KnownDifferences {
  return knownDifferences(parse(readFileSync(path, 'utf8')) ?? [], path);
}

export function knownDifferences(entries: unknown, path: string): KnownDifferences {
  const valid = new Ajv2020({ strict: false }).compile(Type.Array(Entry));
  if (!valid(entries)) {
    throw new UsageError(`${path}: ${valid.errors?.[0]?.instancePath || 'it'} ${valid.errors?.[0]?.message}`);
  }
  const rules = (entries as Type.Static<typeof Entry>[]).flatMap(({ tid, fields, reason, sometimes }) =>
    Object.entries(fields).map(([field, values]) => ({
      tid,
      field,
      values,
      reason,
      used: sometimes ?? false,
      pattern: glob(tid),
    })),
  );
  return {
    reasonOf: (tid, { field, native, emulated }) => {
      const rule = rules.find(
        (item) =>
          item.field === field &&
          item.pattern.test(tid) &&
          item.values.grpc_native.some((value) => deepEqual(value, native)) &&
          item.values.grpc.some((value) => deepEqual(value, emulated)),
      );
      if (!rule) return null;
      rule.used = true;
      return rule.reason;
    },
    unused: () => rules.filter(({ used }) => !used).map(({ tid, field }) => `${tid} ${field}`),
  };
}

function glob(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*')}$`);
}
