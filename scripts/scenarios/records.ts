/** What the proxy wrote so far. */
import type { Lab } from './lab.ts';
import { untilFile } from './until-file.ts';

export type SeenRecord = Record<string, unknown> & { kind: string };

/** All records, once so many connections have their close record. @throws after 5 s. */
export function recordsOf(lab: Lab, closed: number): Promise<SeenRecord[]> {
  return untilFile(lab.records, `the end of ${closed} connections`, (lines) => {
    const records = lines.map((line) => JSON.parse(line) as SeenRecord);
    const count = records.filter(({ kind, event }) => kind === 'conn' && event === 'close').length;
    return count < closed ? null : records;
  });
}
