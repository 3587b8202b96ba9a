import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../exit-codes.ts';
import { mergeForeignReports } from '../foreign/foreign-report.ts';
import type { CaseReport } from './case-report.ts';
import { mergeCaseReports } from './case-report.ts';
import { junit } from './junit.ts';
import { type LastRun, mergeLastRuns, readLastRunFile, writeAtomically } from './last-run.ts';
import { type Summary, summaryMarkdown, summaryOf } from './summary.ts';

/** Where a run leaves its reports. */
export const reportFiles = {
  junit: 'junit.xml',
  summary: 'summary.json',
  markdown: 'summary.md',
  lastRun: 'last-run.json',
} as const;

export function writeReports(folder: string, summary: Summary): void {
  writeAtomically(join(folder, reportFiles.junit), junit(summary.cases, new Date()));
  writeAtomically(join(folder, reportFiles.summary), `${JSON.stringify(summary, null, 1)}\n`);
  writeAtomically(join(folder, reportFiles.markdown), summaryMarkdown(summary));
}

/** The cases of the reports in `folder`; none when there are no reports. @throws UsageError when they are unreadable. */
export function readCases(folder: string): CaseReport[] {
  const path = join(folder, reportFiles.summary);
  return existsSync(path) ? readSummary(path).cases : [];
}

/** Puts the reports of several runs or shards together into `out`. */
export function mergeReports(folders: string[], out: string): Summary {
  const summaries = folders.map((folder) => readSummary(join(folder, reportFiles.summary)));
  const lastRuns = folders.map((folder) => readLastRunFile(join(folder, reportFiles.lastRun)));
  const cases = summaries.map((summary) => summary.cases).reduce(mergeCaseReports, []);
  const problems = summaries.flatMap((summary) => summary.problems);
  const durationMs = Math.max(0, ...summaries.map((summary) => summary.durationMs));
  const merged = summaryOf(
    cases,
    problems,
    durationMs,
    summaries[0]?.seed ?? null,
    mergeForeignReports(summaries.flatMap(({ foreign }) => foreign ?? [])),
  );
  writeReports(out, merged);
  writeAtomically(
    join(out, reportFiles.lastRun),
    `${JSON.stringify(onlyRed(mergeLastRuns(lastRuns), cases), null, 1)}\n`,
  );
  return merged;
}

/** A case that one shard failed and a later run passed is not failed any more. */
function onlyRed(lastRun: LastRun, cases: CaseReport[]): LastRun {
  const done = new Set(
    cases.filter(({ status }) => status === 'passed' || status === 'skipped').map(({ tid }) => tid),
  );
  const open = (tids: string[]) => tids.filter((tid) => !done.has(tid));
  return { ...lastRun, failed: open(lastRun.failed), notRun: open(lastRun.notRun) };
}

function readSummary(path: string): Summary {
  try {
    const summary = JSON.parse(readFileSync(path, 'utf8')) as Summary;
    if (summary.schema !== 'wiretracer-suite/1' || !Array.isArray(summary.cases))
      throw new Error('not a suite summary');
    return summary;
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`);
  }
}
