import { expect, test } from 'vitest';
import type { Report } from '../types.ts';
import { reportHtml } from './html.ts';

const report: Report = {
  schema: 'wiretracer-bench/1',
  machine: { cpus: 2, model: 'A <fast> & cheap "CPU"', node: '24', loader: 'h2load' },
  effort: 1,
  rounds: 2,
  figures: [
    { work: 'small', subject: 'wiretracer', metric: 'CPU', unit: 'us', better: 'less', values: [10, 20] },
    { work: 'small', subject: 'HAProxy', metric: 'CPU', unit: 'us', better: 'less', values: [5, 5] },
    {
      work: 'small',
      subject: 'blind relay',
      metric: 'CPU',
      unit: 'us',
      better: 'less',
      values: [null, null],
    },
    { work: 'latency', subject: 'wiretracer', metric: 'p50', unit: 'us', better: 'less', values: [-3, -2] },
  ],
  verdicts: [{ goal: 'small: CPU <= 1 us', met: false, measured: '15 us' }],
  notes: ['<b>'],
};
const html = reportHtml(report, { small: 'small & fast' });

test('the page asks for nothing from elsewhere and runs nothing', () => {
  expect(html).not.toMatch(/<script|<link|<img|@import|url\(|https?:/);
});

test('text of the machine and the notes is text', () => {
  expect(html).toContain('A &lt;fast&gt; &amp; cheap &quot;CPU&quot;');
  expect(html).toContain('&lt;b&gt;');
  expect(html).toContain('small &amp; fast');
});

test('it is readable in light and dark', () => {
  expect(html).toContain('prefers-color-scheme: dark');
});

test('a bar is as long as its median beside the longest of the chart, and below zero has no length', () => {
  const widths = [...html.matchAll(/<rect class="(\w+)"[^>]* width="([\d.-]+)"/g)].map(([, kind, width]) => [
    kind,
    Number(width),
  ]);
  // The chart is 420 wide and ends at 20: medians 15 and 5; nobody measured the blind relay.
  expect(widths).toEqual([
    ['own', 315],
    ['other', 105],
    ['own', 0],
  ]);
  expect(html).toContain('not measured');
});

test('what falls short is marked in words, not by colour alone', () => {
  expect(html).toMatch(/<tr class="short"><td>SHORT<\/td>/);
});
