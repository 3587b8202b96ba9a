import { expect, test } from 'vitest';
import type { Report } from '../types.ts';
import { painter, reportText } from './text.ts';

const report: Report = {
  schema: 'wiretracer-bench/1',
  machine: { cpus: 2, model: 'CPU', node: '24', loader: 'h2load' },
  effort: 1,
  rounds: 2,
  figures: [
    { work: 'small', subject: 'blind relay', metric: 'CPU', unit: 'us', better: 'less', values: [5, 10] },
    { work: 'small', subject: 'wiretracer', metric: 'CPU', unit: 'us', better: 'less', values: [10, 30] },
    { work: 'small', subject: 'HAProxy', metric: 'CPU', unit: 'us', better: 'less', values: [null, null] },
  ],
  verdicts: [
    { goal: 'a', met: false, measured: '1' },
    { goal: 'b', met: null, measured: '2' },
    { goal: 'c', met: true, measured: '3' },
  ],
  notes: ['n'],
};

test('goals come first, then every figure with its ratios within the rounds', () => {
  expect(reportText(report, { small: 'title' }, painter(false))).toMatchInlineSnapshot(`
    "2 x CPU, Node 24, load by h2load; medians of 2 interleaved rounds, effort 1
    x = median of the ratios within each round; CPU = user + system of the relay, for one unit of work

    SHORT a: 1
    -     b: 2
    ok    c: 3

    small: title
      CPU  blind relay                7.50 us
      CPU  wiretracer                 20.0 us   2.50 x blind relay
      CPU  HAProxy               not measured

    note: n"
  `);
});

test('colours are for terminals that want them', () => {
  expect(painter(true)('red', 'x')).toBe('\x1b[31mx\x1b[0m');
  expect(painter(false)('red', 'x')).toBe('x');
});
