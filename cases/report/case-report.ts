import type { CaseResult } from '../run/results.ts';
import { failureText } from './failure-text.ts';

/** What the reports say of one case: plain data, so that reports of several runs and shards can be put together. */
export type CaseReport = {
  tid: string;
  title: string;
  area: string;
  tags: string[];
  file: string;
  line: number;
  status: CaseResult['status'];
  flaky: boolean;
  reason: string | null;
  durationMs: number;
  /** In the order they ran; failures as readable text. */
  attempts: {
    status: 'passed' | 'failed' | 'error';
    durationMs: number;
    failures: { rule: string; text: string }[];
  }[];
  properties: Record<string, string>;
  /** Whether it was compared with the same without the proxy, else why not; absent when it did not run or was not asked. */
  direct?: 'compared' | { group: string; reason: string };
};

/** The most failures of one attempt that reports carry; evidence folders have them all. */
const maxFailures = 50;

export function caseReport(result: CaseResult): CaseReport {
  const { instance } = result;
  const evidence = result.attempts.at(-1)?.evidence;
  const connIds = [...new Set(evidence?.records.map(({ record }) => record.conn_id) ?? [])];
  return {
    tid: result.tid,
    title: instance.title,
    area: instance.area,
    tags: instance.tags,
    file: instance.file,
    line: instance.line,
    status: result.status,
    flaky: result.flaky,
    reason: result.reason,
    durationMs: result.durationMs,
    attempts: result.attempts.map(({ status, durationMs, failures }) => ({
      status,
      durationMs,
      failures: failures
        .slice(0, maxFailures)
        .map((failure) => ({ rule: failure.rule, text: failureText(failure) })),
    })),
    properties: {
      title: instance.title,
      ...(instance.tags.length > 0 ? { tags: instance.tags.join(',') } : {}),
      ...(connIds.length > 0 ? { conn_ids: connIds.join(',') } : {}),
    },
    ...directOf(result),
  };
}

/** Whether the attempt that decided was compared with the same without the proxy. */
export function directOf({ attempts }: CaseResult): Pick<CaseReport, 'direct'> {
  const direct = attempts.at(-1)?.evidence?.direct;
  if (direct === undefined) return {};
  return { direct: 'group' in direct ? direct : 'compared' };
}

/** Lays later runs over earlier ones: a case that ran again keeps its earlier attempts, so a late pass is flaky. */
export function mergeCaseReports(earlier: CaseReport[], later: CaseReport[]): CaseReport[] {
  const byTid = new Map(earlier.map((report) => [report.tid, report]));
  for (const report of later) {
    const before = byTid.get(report.tid);
    if (before && report.attempts.length === 0 && before.attempts.length > 0) continue;
    const attempts = [...(before?.attempts ?? []), ...report.attempts];
    const flaky = report.status === 'passed' && attempts.some(({ status }) => status !== 'passed');
    byTid.set(report.tid, { ...report, attempts, flaky });
  }
  return [...byTid.values()];
}
