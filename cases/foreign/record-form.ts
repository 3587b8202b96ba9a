import type { ValidateFunction } from 'ajv/dist/2020.js';
import { show } from '../json.ts';
import type { CaseView } from '../verify/case-view.ts';
import type { Mismatch } from '../verify/match.ts';
import { type ObjectSchema, recordSchemas, recordValidator } from '../verify/record-schemas.ts';
import { fields150, type Shape } from './vocabulary.ts';

/**
 * Every record of 1.50 has every key of its kind, in the order that is part of the contract, with values of the right type.
 * Keys a program adds may follow anywhere.
 */
export function recordForm({ evidence }: CaseView): Mismatch[] {
  return evidence.records.flatMap(({ raw, record }) => {
    const written: Record<string, unknown> = raw ?? record;
    forms ??= ownForms();
    const kind = forms[record.kind];
    return kind ? mismatches(written, record.kind, kind) : [];
  });
}

type Form = { valid: ValidateFunction; keys: string[] };

/** Made for the first record of 1.50 that is judged: most runs see none. */
let forms: Record<string, Form> | null = null;

/** The current shapes without the fields 1.50 lacks: the order of what is left is that of 1.50. */
function ownForms(): Record<string, Form> {
  return Object.fromEntries(
    recordSchemas().map(({ kind, schema }) => {
      const own = only(schema, fields150[kind]!);
      return [kind, { valid: recordValidator(own), keys: Object.keys(own.properties) }];
    }),
  );
}

function only(shape: ObjectSchema, told: Shape): ObjectSchema {
  const properties: ObjectSchema['properties'] = {};
  for (const [key, schema] of Object.entries(shape.properties)) {
    const below = told[key];
    if (below === undefined) continue;
    // Fingerprints are a map whose keys depend on the ClientHello.
    properties[key] = below !== true && 'properties' in schema ? only(schema as ObjectSchema, below) : schema;
  }
  return { type: 'object', required: Object.keys(properties), properties, additionalProperties: true };
}

function mismatches(record: Record<string, unknown>, kind: string, { valid, keys }: Form): Mismatch[] {
  const broken = valid(record)
    ? []
    : (valid.errors ?? []).map(({ instancePath, message }) => ({
        path: `${kind}: ${instancePath.slice(1).replaceAll('/', '.') || 'keys'}`,
        expected: message ?? 'valid',
        seen: show(record),
      }));
  const order = Object.keys(record).filter((key) => keys.includes(key));
  if (order.length !== keys.length || order.every((key, index) => key === keys[index])) return broken;
  return [...broken, { path: `${kind}: order of keys`, expected: keys.join(), seen: order.join() }];
}
