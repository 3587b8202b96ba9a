import { createHash } from 'node:crypto';
import { type CaseView, differs } from '../verify/case-view.ts';
import type { Mismatch } from '../verify/match.ts';

/**
 * JA4 against the cipher suites of `ja3_raw`, which both fingerprints hash: JA4 the sorted suites in hex, joined by commas
 * (FoxIO, technical details of JA4). 1.50 has no raw form of JA4 to hold it against.
 */
export function fingerprintWords({ connections }: CaseView): Mismatch[] {
  return connections.flatMap(({ tlsIn }) =>
    tlsIn.flatMap((record) => {
      const { ja3_raw, ja4 } = record.fingerprints;
      if (typeof ja3_raw !== 'string' || typeof ja4 !== 'string') return [];
      const suites = (ja3_raw.split(',')[1] ?? '').split('-').filter((suite) => suite !== '');
      const sorted = suites.map((suite) => Number(suite).toString(16).padStart(4, '0')).sort();
      const hash = createHash('sha256').update(sorted.join(',')).digest('hex').slice(0, 12);
      const expected = sorted.length === 0 ? '0'.repeat(12) : hash;
      const seen = ja4.split('_')[1];
      return seen === expected
        ? []
        : [differs(record, 'fingerprints.ja4', `…_${expected}_…, the suites of ja3_raw sorted`, ja4)];
    }),
  );
}
