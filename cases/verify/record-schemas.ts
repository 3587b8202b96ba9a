import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** A part of the published schema of the records: plain JSON Schema, its keys in the order that is part of the contract. */
export type ObjectSchema = {
  required: string[];
  properties: Record<string, ObjectSchema | Record<string, unknown>>;
  [keyword: string]: unknown;
};

/** The shape of each kind of record that belongs to a connection, as it is published; `npm run schema` keeps it true. */
export function recordSchemas(): { kind: string; schema: ObjectSchema }[] {
  const published = new URL('../../protos/records/records.schema.json', import.meta.url);
  const { anyOf } = JSON.parse(readFileSync(published, 'utf8')) as { anyOf: ObjectSchema[] };
  return anyOf
    .map((schema) => ({ kind: (schema.properties.kind as { const: string }).const, schema }))
    .filter(({ kind }) => kind !== 'meta');
}

/** Without compiling JSON Schema's own schema first: the published one was held against it when it was written. */
export function recordValidator(schema: ObjectSchema): ValidateFunction {
  return new Ajv2020({ strict: false, allErrors: true, meta: false, validateSchema: false }).compile(schema);
}
