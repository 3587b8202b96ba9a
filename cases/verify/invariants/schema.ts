import type { ValidateFunction } from 'ajv/dist/2020.js';
import { show } from '../../json.ts';
import type { ConnectionRecord } from '../../run/evidence.ts';
import { differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';
import { recordSchemas, recordValidator } from '../record-schemas.ts';

const kinds: Record<string, { valid: ValidateFunction; keys: string }> = Object.fromEntries(
  recordSchemas().map(({ kind, schema }) => [
    kind,
    { valid: recordValidator(schema), keys: Object.keys(schema.properties).join() },
  ]),
);

export const schema: Invariant = {
  name: 'schema',
  witness: 'the JSON Schema of the records, and the order of its keys',
  check: ({ evidence }) => evidence.records.flatMap(({ record }) => mismatches(record)),
};

export function validRecord(record: ConnectionRecord): boolean {
  return mismatches(record).length === 0;
}

/** Judged once per record: a self-test looks at the same record in thousands of falsified neighbourhoods. */
const judged = new WeakMap<ConnectionRecord, Mismatch[]>();

function mismatches(record: ConnectionRecord): Mismatch[] {
  let known = judged.get(record);
  if (!known) {
    known = judge(record);
    judged.set(record, known);
  }
  return known;
}

function judge(record: ConnectionRecord): Mismatch[] {
  const kind = kinds[record.kind];
  if (!kind) return [{ path: 'kind', expected: `one of ${Object.keys(kinds).join(' ')}`, seen: record.kind }];
  const broken = kind.valid(record)
    ? []
    : (kind.valid.errors ?? []).map(({ instancePath, message }) =>
        differs(record, instancePath.slice(1) || 'keys', message ?? 'valid', show(record)),
      );
  const keys = Object.keys(record).join();
  return keys === kind.keys ? broken : [...broken, differs(record, 'order of keys', kind.keys, keys)];
}
