import { join } from 'node:path';
import { type Bench, scaled } from '../bench.ts';
import type { Figure } from '../types.ts';
import { measureProgram } from './program-rates.ts';

export const title = 'event records through the log, with 7 request and 6 response headers';
export const profiled = true;

export function measure(bench: Bench): Promise<Figure[]> {
  return measureProgram(bench, {
    work: 'records',
    subject: 'record log',
    // Scripts may not import the proxy: its own program beside the log measures, this one reads what it prints.
    program: '../../../proxy/records/test-line-rate.ts',
    args: [String(Math.max(100_000, scaled(400_000, bench.effort))), join(bench.folder, 'records.jsonl')],
    metrics: {
      formatted: { metric: 'formatted', unit: 'lines/s' },
      written: { metric: 'written to a file', unit: 'lines/s' },
      formattedVaried: { metric: 'formatted, varied', unit: 'lines/s' },
      writtenVaried: { metric: 'written, varied', unit: 'lines/s' },
    },
  });
}
