import type { ForeignReport } from '../foreign/foreign-report.ts';
import { foreignLines } from '../foreign/report-lines.ts';
import type { CaseReport } from './case-report.ts';
import { slowest } from './slowest.ts';

export type Summary = {
  schema: 'wiretracer-suite/1';
  seed: number | null;
  durationMs: number;
  counts: { passed: number; failed: number; error: number; skipped: number; notRun: number; flaky: number };
  /** How many cases were compared with the same without the proxy, and how many not, by why; null when none was to be. */
  direct: { compared: number; not: Record<string, number> } | null;
  problems: string[];
  cases: CaseReport[];
  /** Of a proxy whose records are those of 1.50: what it gets wrong by cause, what it cannot tell, what was skipped. */
  foreign?: ForeignReport;
};

export function summaryOf(
  cases: CaseReport[],
  problems: string[],
  durationMs: number,
  seed: number | null,
  foreign?: ForeignReport,
): Summary {
  const count = (status: CaseReport['status']) => cases.filter((item) => item.status === status).length;
  return {
    schema: 'wiretracer-suite/1',
    seed,
    durationMs,
    counts: {
      passed: count('passed'),
      failed: count('failed'),
      error: count('error'),
      skipped: count('skipped'),
      notRun: count('not-run'),
      flaky: cases.filter(({ flaky }) => flaky).length,
    },
    direct: directCounts(cases),
    problems,
    cases,
    ...(foreign ? { foreign } : {}),
  };
}

export function directCounts(cases: Pick<CaseReport, 'direct'>[]): Summary['direct'] {
  const told = cases.flatMap(({ direct }) => (direct ? [direct] : []));
  if (told.length === 0) return null;
  const not: Record<string, number> = {};
  for (const direct of told) if (direct !== 'compared') not[direct.group] = (not[direct.group] ?? 0) + 1;
  const byNumber = Object.entries(not).sort(([, left], [, right]) => right - left);
  return {
    compared: told.filter((direct) => direct === 'compared').length,
    not: Object.fromEntries(byNumber),
  };
}

/** One line: how much of a run was compared with the direct connection. */
export function directLine({ compared, not }: NonNullable<Summary['direct']>): string {
  const groups = Object.entries(not);
  const others = groups.reduce((sum, [, count]) => sum + count, 0);
  const why = groups.map(([group, count]) => `${count} ${group}`).join(', ');
  return `${compared} compared with the direct connection${others > 0 ? `, ${others} not: ${why}` : ''}`;
}

/** For the job page of a CI system. */
export function summaryMarkdown({ counts, cases, problems, durationMs, direct, foreign }: Summary): string {
  const red = cases.filter(({ status }) => status === 'failed' || status === 'error');
  const lines = [
    '## wiretracer suite',
    '',
    `**${counts.passed} passed, ${counts.failed + counts.error} failed, ${counts.skipped} skipped**` +
      `${counts.notRun > 0 ? `, ${counts.notRun} not run` : ''}${counts.flaky > 0 ? `, ${counts.flaky} flaky` : ''}` +
      ` in ${(durationMs / 1000).toFixed(2)} s`,
    '',
    ...(direct ? [directLine(direct), ''] : []),
  ];
  for (const problem of problems) lines.push('```', problem, '```', '');
  for (const report of red.slice(0, 50)) {
    const failures = report.attempts.at(-1)?.failures ?? [];
    lines.push(
      `<details><summary>${report.status === 'error' ? '💥' : '❌'} <code>${report.tid}</code> ${escapeHtml(report.title)}</summary>`,
      '',
      '```',
      ...failures.slice(0, 10).map(({ text }) => text.replaceAll('```', "'''")),
      `rerun: npm run suite -- ${report.tid}`,
      '```',
      '</details>',
      '',
    );
  }
  const slow = slowest(cases);
  if (slow.length > 0) {
    lines.push('| slowest | ms |', '| --- | ---: |');
    for (const { tid, durationMs: ms } of slow) lines.push(`| ${tid} | ${Math.round(ms)} |`);
  }
  if (foreign) lines.push('', '```', ...foreignLines(foreign).slice(1), '```');
  return `${lines.join('\n')}\n`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
