import { type Bench, scaled } from '../bench.ts';
import type { Figure } from '../types.ts';
import { measureProgram } from './program-rates.ts';

export const title = 'HPACK: header blocks decoded, of 10 to 12 fields';
export const profiled = true;

export function measure(bench: Bench): Promise<Figure[]> {
  return measureProgram(bench, {
    work: 'hpack',
    subject: 'decoder',
    program: 'hpack.ts',
    args: [String(Math.max(200_000, scaled(1_000_000, bench.effort)))],
    metrics: {
      varied: { metric: 'varied blocks', unit: 'blocks/s' },
      repeated: { metric: 'unchanged blocks', unit: 'blocks/s' },
    },
  });
}
