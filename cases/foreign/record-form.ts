import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import Type, { type TObject, type TSchema } from 'typebox';
import { ConnRecord, EventRecord, H2ctlRecord, TlsRecord } from '../../protos/records/records.ts';
import { show } from '../json.ts';
import type { CaseView } from '../verify/case-view.ts';
import type { Mismatch } from '../verify/match.ts';
import { fields150, type Shape } from './vocabulary.ts';

/**
 * Every record of 1.50 has every key of its kind, in the order that is part of the contract, with values of the right type.
 * Keys a program adds may follow anywhere.
 */
export function recordForm({ evidence }: CaseView): Mismatch[] {
  return evidence.records.flatMap(({ raw, record }) => {
    const written: Record<string, unknown> = raw ?? record;
    const kind = forms[record.kind];
    return kind ? mismatches(written, record.kind, kind) : [];
  });
}

type Form = { valid: ValidateFunction; keys: string[] };

/** The current shapes without the fields 1.50 lacks: the order of what is left is that of 1.50. */
const forms: Record<string, Form> = Object.fromEntries(
  [ConnRecord, TlsRecord, EventRecord, H2ctlRecord].map((shape) => {
    const kind = shape.properties.kind.const;
    const own = only(shape, fields150[kind]!);
    const valid = new Ajv2020({ strict: false, allErrors: true }).compile(own);
    return [kind, { valid, keys: Object.keys(own.properties) }];
  }),
);

function only(shape: TObject, told: Shape): TObject {
  const properties: Record<string, TSchema> = {};
  for (const [key, schema] of Object.entries(shape.properties)) {
    const below = told[key];
    if (below === undefined) continue;
    // Fingerprints are a map whose keys depend on the ClientHello.
    properties[key] = below !== true && 'properties' in schema ? only(schema as TObject, below) : schema;
  }
  return Type.Object(properties, { additionalProperties: true });
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
