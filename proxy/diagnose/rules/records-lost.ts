import { fact, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const recordsLost: Rule = {
  id: 'records-lost',
  certainty: 'proof',
  looksFor: 'lines the proxy had to drop: what is diagnosed here is not all there was',
  evidence: '`meta` `stop` with `dropped` above 0',
  cause: 'The record file could not be written as fast as records came, and overflow is set to drop.',
  advice: 'a faster disk, fewer records, or `overflow: block`',
  lookAlikes: {},
  overall(totals) {
    const { droppedRecords, droppedAt } = totals;
    if (droppedRecords === 0 || droppedAt === null) return [];
    return [
      {
        title: `the proxy dropped ${droppedRecords} records: some connections are told in part or not at all`,
        key: 'dropped',
        evidence: [
          fact(
            { record: null, line: droppedAt.line, kind: 'meta' },
            { event: 'stop', dropped: droppedRecords },
            'the count of the proxy itself',
          ),
        ],
        next: [
          step('Lose nothing, at the price of speed', { config: 'overflow: block' }),
          step('Or record less', { config: 'logging: { sample_rate: 0.1, log_headers: false }' }),
        ],
        unit: 'lines' as const,
        count: droppedRecords,
        of: droppedRecords,
        since: droppedAt.ts,
        until: droppedAt.ts,
        clients: [],
        listeners: [],
        upstreams: [],
      },
    ];
  },
};
