import type { CaseInstance } from '../load/catalog.ts';
import type { ClaimedRecord, ConnectionRecord, Evidence } from '../run/evidence.ts';
import type { Failure } from '../run/results.ts';
import { verify } from '../verify/verify.ts';
import type { RecordDouble } from './double.ts';

/**
 * Judges the records that a double would have written in place of the true ones, with the verifier that judged the truth.
 * Null: it would have written the same.
 */
export function judgeTold(
  double: RecordDouble,
  instance: CaseInstance,
  evidence: Evidence,
): Failure[] | null {
  const filter = double.filter();
  const truth = evidence.records.map(({ record }) => record);
  const told = truth.flatMap((record) => filter(record));
  if (JSON.stringify(told) === JSON.stringify(truth)) return null;
  return verify(instance, { ...evidence, records: numbered(told, truth) }, 1);
}

/** Numbered as in the file of that proxy: rising, whatever was left out or added. */
function numbered(told: ConnectionRecord[], truth: ConnectionRecord[]): ClaimedRecord[] {
  const last = truth.at(-1)!.seq;
  return told.map((record, index) => {
    const seq = truth[index]?.seq ?? last + 1 + index - truth.length;
    return { record: record.seq === seq ? record : { ...record, seq }, line: seq };
  });
}
