import { randomUUID } from 'node:crypto';
import { isObject } from '../json.ts';
import type { ClaimedRecord, ConnectionRecord, Evidence } from '../run/evidence.ts';
import { validRecord } from '../verify/invariants/schema.ts';
import { wrongValues } from './wrong-values.ts';

/** One falsification of a case's records, in words. `field` groups those of a kind in the report. */
export type Falsification = { kind: string; mutation: string; field: string; seen: string };

export type Mutant = Falsification & { records: ClaimedRecord[] };

/** Of one kind of record so many are falsified in a case: they are judged alike, and a flood has thousands. */
const recordsPerKind = 12;
/** Judging costs as much as there are records and captured bytes: so many records are looked at in one case, not to take minutes. */
const recordsJudged = 200_000;

/** Every falsification of one green attempt; of a large one an even choice. `possible` counts all there are. */
export function mutantsOf(
  evidence: Evidence,
  sibling: Evidence | null,
): { mutants: Iterable<Mutant>; possible: number } {
  const records = evidence.records.map(({ record }) => record);
  const perKind = Map.groupBy(records.keys(), (index) => nameOf(records[index]!));
  const chosen = [...perKind.values()].flatMap((indices) => evenly(indices, recordsPerKind));
  const changes = chosen.sort((left, right) => left - right).flatMap((index) => changesOf(records, index));
  const most = Math.max(50, Math.floor(recordsJudged / weightOf(records)));
  const kept = evenly(changes, most);
  const whole = wholeChanges(records, sibling);
  const left = Math.round((changes.length * records.length) / Math.max(1, chosen.length)) - kept.length;
  return { mutants: made([...whole, ...kept]), possible: whole.length + kept.length + left };
}

type Change = Falsification & { make: () => ConnectionRecord[] };

function* made(changes: Change[]): Generator<Mutant> {
  for (const { make, ...falsification } of changes) yield { ...falsification, records: numbered(make()) };
}

/** Of the case as a whole. */
function wholeChanges(records: ConnectionRecord[], sibling: Evidence | null): Change[] {
  const of = (mutation: string, field: string, make: () => ConnectionRecord[]): Change => ({
    kind: 'case',
    mutation,
    field,
    seen: '',
    make,
  });
  const changes = [of('emptied', 'records', () => [])];
  if (records.length > 1) {
    const last = records.length - 1;
    changes.push(
      of('reversed', 'order', () => [...records].reverse()),
      of('first two swapped', 'order', () => [records[1]!, records[0]!, ...records.slice(2)]),
      of('last two swapped', 'order', () => [...records.slice(0, -2), records[last]!, records[last - 1]!]),
    );
  }
  if (sibling)
    changes.push(of("a sibling's records", 'records', () => sibling.records.map(({ record }) => record)));
  return changes;
}

/** Of one record: gone, there twice, and every field wrong. */
function changesOf(records: ConnectionRecord[], index: number): Change[] {
  const record = records[index]!;
  const kind = nameOf(record);
  const changes: Change[] = [
    {
      kind,
      mutation: 'deleted',
      field: '',
      seen: JSON.stringify(record),
      make: () => records.toSpliced(index, 1),
    },
    {
      kind,
      mutation: 'duplicated',
      field: '',
      seen: JSON.stringify(record),
      make: () => records.toSpliced(index + 1, 0, { ...record, id: randomUUID() }),
    },
  ];
  for (const { path, value, was } of fieldsOf(record)) {
    for (const wrong of wrongValues(path, value, records)) {
      const changed = withValue(record, path, wrong);
      if (!validRecord(changed)) continue;
      changes.push({
        kind,
        mutation: wrong === null ? 'lost' : 'flipped',
        field: path.map((key) => (/^\d+$/.test(key) ? '[]' : key)).join('.'),
        seen: `${JSON.stringify(was)} -> ${JSON.stringify(wrong)}`,
        make: () => records.with(index, changed),
      });
    }
  }
  return changes;
}

/** In records; so many characters of a body cost as much to hash as a record to read. */
function weightOf(records: ConnectionRecord[]): number {
  const characters = records.reduce(
    (sum, record) =>
      record.kind === 'event'
        ? sum + (record.request.body_b64?.length ?? 0) + (record.response.body_b64?.length ?? 0)
        : sum,
    0,
  );
  return Math.max(1, records.length + characters / 2000);
}

/** At most so many items, the first and the last among them. */
function evenly<Item>(items: Item[], most: number): Item[] {
  if (items.length <= most) return items;
  return Array.from(
    { length: most },
    (_, index) => items[Math.round((index * (items.length - 1)) / (most - 1))]!,
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
