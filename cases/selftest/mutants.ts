import { randomUUID } from 'node:crypto';
import { isObject } from '../json.ts';
import type { ClaimedRecord, ConnectionRecord, Evidence } from '../run/evidence.ts';
import { validRecord } from '../verify/invariants/schema.ts';
import { wrongValues } from './wrong-values.ts';

/** One falsification of a case's records. `field` groups mutants of a kind in the report. */
export type Mutant = { kind: string; mutation: string; field: string; evidence: Evidence; seen: string };

/** Every falsification of one green attempt. */
export function* mutantsOf(evidence: Evidence, sibling: Evidence | null): Generator<Mutant> {
  const records = evidence.records.map(({ record }) => record);
  const of = (
    changed: ConnectionRecord[],
    kind: string,
    mutation: string,
    field: string,
    seen = '',
  ): Mutant => ({
    kind,
    mutation,
    field,
    evidence: { ...evidence, records: numbered(changed) },
    seen,
  });
  yield of([], 'case', 'emptied', 'records');
  for (const [index, record] of records.entries()) {
    const kind = nameOf(record);
    const before = records.slice(0, index);
    const after = records.slice(index + 1);
    yield of([...before, ...after], kind, 'deleted', '', JSON.stringify(record));
    yield of([...before, record, { ...record, id: randomUUID() }, ...after], kind, 'duplicated', '');
    for (const { path, value, was } of fieldsOf(record)) {
      for (const wrong of wrongValues(path, value, records)) {
        const changed = withValue(record, path, wrong);
        if (!validRecord(changed)) continue;
        const field = path.map((key) => (/^\d+$/.test(key) ? '[]' : key)).join('.');
        const seen = `${JSON.stringify(was)} -> ${JSON.stringify(wrong)}`;
        yield of([...before, changed, ...after], kind, wrong === null ? 'lost' : 'flipped', field, seen);
      }
    }
  }
  if (records.length > 1) {
    yield of([...records].reverse(), 'case', 'reversed', 'order');
    yield of([records[1]!, records[0]!, ...records.slice(2)], 'case', 'first two swapped', 'order');
    yield of(
      [...records.slice(0, -2), records.at(-1)!, records.at(-2)!],
      'case',
      'last two swapped',
      'order',
    );
  }
  if (sibling)
    yield of(
      sibling.records.map(({ record }) => record),
      'case',
      "a sibling's records",
      'records',
    );
}

/** Records numbered as a proxy that never had the truth would: rising by one, whatever was changed. */
function numbered(records: ConnectionRecord[]): ClaimedRecord[] {
  const first = records[0]?.seq ?? 0;
  return records.map((record, index) => ({
    record: record.seq === first + index ? record : { ...record, seq: first + index },
    line: index + 1,
  }));
}

function nameOf(record: ConnectionRecord): string {
  if (record.kind === 'conn') return `conn ${record.event}`;
  if (record.kind === 'tls') return `tls ${record.side} ${record.outcome}`;
  return record.kind === 'h2ctl' ? `h2ctl ${record.h2_event}` : record.kind;
}

type Field = { path: string[]; value: unknown; was: unknown };

/** Every leaf of a record, and every list and map as a whole. `seq` is the numbering's. */
function* fieldsOf(value: unknown, path: string[] = []): Generator<Field> {
  if (path.length === 1 && path[0] === 'seq') return;
  const nested = isObject(value) || Array.isArray(value);
  if (path.length > 0 && (!nested || Array.isArray(value))) yield { path, value, was: value };
  if (!nested) return;
  for (const [key, item] of Object.entries(value)) yield* fieldsOf(item, [...path, key]);
}

function withValue(record: ConnectionRecord, path: string[], value: unknown): ConnectionRecord {
  const change = (item: unknown, [key, ...rest]: string[]): unknown => {
    if (key === undefined) return value;
    if (Array.isArray(item))
      return item.map((old, index) => (String(index) === key ? change(old, rest) : old));
    return { ...(item as object), [key]: change((item as Record<string, unknown>)[key], rest) };
  };
  return change(record, path) as ConnectionRecord;
}
