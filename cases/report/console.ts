import { foreignLines } from '../foreign/report-lines.ts';
import type { CaseResult } from '../run/results.ts';
import type { SuiteRun } from '../run/suite.ts';
import { directOf } from './case-report.ts';
import { counted } from './counted.ts';
import { failureTexts, rerunCommand } from './failure-text.ts';
import { slowest } from './slowest.ts';
import { directCounts, directLine } from './summary.ts';

/** Failing cases of another proxy that are still shown one by one. */
const mostBlocks = 10;

export type Output = { write(text: string): void; isTTY: boolean; color: boolean; columns: number };

export type ConsoleReport = {
  start(tid: string): void;
  result(result: CaseResult): void;
  end(run: SuiteRun): void;
};

export function standardOutput(): Output {
  const { stdout, env } = process;
  const isTTY = stdout.isTTY === true && !env.CI;
  return {
    write: (text) => void stdout.write(text),
    isTTY,
    color: (isTTY || Boolean(env.FORCE_COLOR)) && !env.NO_COLOR,
    columns: stdout.columns || 80,
  };
}

/** A progress line on a terminal, nothing on the way elsewhere; then only what failed and how to run it again. */
export function consoleReport(
  output: Output,
  total: number,
  seed: number | null,
  extra: string[],
): ConsoleReport {
  const paint = (code: number, text: string) => (output.color ? `\u001b[${code}m${text}\u001b[0m` : text);
  let done = 0;
  let failed = 0;
  const progress = (tid: string) => {
    if (!output.isTTY) return;
    const line = `${done}/${total}${failed > 0 ? `, ${failed} failed` : ''}  ${tid}`;
    output.write(`\r\u001b[2K${line.slice(0, output.columns - 1)}`);
  };
  return {
    start: progress,
    result: (result) => {
      done++;
      if (result.status === 'failed' || result.status === 'error') failed++;
      progress(result.tid);
    },
    end: ({ results, problems, durationMs, foreign }) => {
      if (output.isTTY) output.write('\r\u001b[2K');
      const of = (status: CaseResult['status']) => results.filter((result) => result.status === status);
      const blocks = [...of('failed'), ...of('error')];
      // Of a proxy that is wrong in hundreds of cases the causes are told instead, at the end.
      if (!foreign || blocks.length <= mostBlocks)
        for (const result of blocks) output.write(failureBlock(result, extra, paint));
      for (const result of results.filter(({ flaky }) => flaky)) {
        output.write(`${paint(33, 'flaky')} ${result.tid}: passed at attempt ${result.attempts.length}\n`);
      }
      for (const [reason, tids] of foreign ? [] : bySkipReason(of('skipped'))) {
        output.write(`${paint(33, 'skipped')} ${reason}: ${tids.join(' ')}\n`);
      }
      if (of('not-run').length > 0) output.write(`${of('not-run').length} not run\n`);
      for (const problem of problems) output.write(`${paint(31, 'run')} ${problem}\n`);
      output.write(slowestBlock(slowest(results), output.isTTY));
      if (seed !== null) output.write(`seed ${seed}\n`);
      const direct = directCounts(results.map(directOf));
      if (direct !== null) output.write(`${directLine(direct)}\n`);
      output.write(`${counted(results.length, 'case')} in ${(durationMs / 1000).toFixed(2)} s\n`);
      const skipped = of('skipped').length;
      const red = of('failed').length + of('error').length;
      output.write(
        `${of('passed').length} passed, ${red} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
      );
      for (const line of foreign ? foreignLines(foreign) : []) output.write(`${line}\n`);
    },
  };
}

/** A line each on a terminal; elsewhere one line, so that a log of many runs stays readable. */
function slowestBlock(slow: CaseResult[], isTTY: boolean): string {
  if (slow.length === 0) return '';
  const lines = slow.map(({ tid, durationMs }) => ({ tid, ms: Math.round(durationMs) }));
  return isTTY
    ? `slowest\n${lines.map(({ tid, ms }) => `${String(ms).padStart(7)} ms  ${tid}\n`).join('')}`
    : `slowest: ${lines.map(({ tid, ms }) => `${tid} ${ms} ms`).join(', ')}\n`;
}

function failureBlock(
  result: CaseResult,
  extra: string[],
  paint: (code: number, text: string) => string,
): string {
  const { instance, attempts, status } = result;
  const lines = failureTexts(attempts.at(-1)?.failures ?? []).map((text) => `  ${text}`);
  return [
    `${paint(31, status === 'error' ? 'ERROR' : 'FAIL')} ${result.tid}  ${instance.title}`,
    `  ${instance.file}:${instance.line}`,
    ...lines,
    `  rerun: ${rerunCommand(result, extra)}`,
    '',
    '',
  ].join('\n');
}

function bySkipReason(skipped: CaseResult[]): Map<string, string[]> {
  const reasons = new Map<string, string[]>();
  for (const { tid, reason } of skipped)
    reasons.set(reason ?? '', [...(reasons.get(reason ?? '') ?? []), tid]);
  return reasons;
}
