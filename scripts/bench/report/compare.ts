/**
 * This report beside an earlier one of the same machine. Limits in absolute numbers would judge the machine; what this proxy
 * is to the blind relay of the same run does not depend on it, so the ratios are compared.
 */
import { median, pairedRatio } from '../statistics.ts';
import { names } from '../subjects/stack.ts';
import type { Figure, Report } from '../types.ts';

export type Comparison = {
  what: string;
  /** The subject both are measured by; null where a work has none, and the figures themselves are compared. */
  reference: string | null;
  before: number;
  now: number;
  /** Above 1: better than before. */
  better: number;
};

/** Of every figure of this proxy, and of works without a relay, that both reports have; the worst first. */
export function compareReports(before: Report, now: Report): Comparison[] {
  const comparisons: Comparison[] = [];
  for (const figure of now.figures) {
    if (isReference(figure.subject)) continue;
    const earlier = find(before, figure, figure.subject);
    if (earlier === undefined) continue;
    const reference = referenceOf(before, now, figure);
    const value = (report: Report, own: Figure) =>
      reference === null ? median(own.values) : pairedRatio(own.values, find(report, own, reference)!.values);
    const [old, recent] = [value(before, earlier), value(now, figure)];
    if (old === null || recent === null || old <= 0 || recent <= 0) continue;
    comparisons.push({
      what: `${figure.work}: ${figure.metric} of ${figure.subject}`,
      reference,
      before: old,
      now: recent,
      better: figure.better === 'more' ? recent / old : old / recent,
    });
  }
  return comparisons.sort((a, b) => a.better - b.better);
}

/** Those that became worse by more than the share `tolerance`. */
export const worseBeyond = (comparisons: readonly Comparison[], tolerance: number): Comparison[] =>
  comparisons.filter(({ better }) => better < 1 - tolerance);

export function comparisonText(comparisons: readonly Comparison[], path: string): string {
  const lines = [`compared with ${path}: ratio of the ratios, above 1 is better than before; worst first`];
  for (const { what, reference, before, now, better } of comparisons) {
    const by = reference === null ? '' : ` x ${reference}`;
    lines.push(`  ${better.toFixed(2)}  ${what}: ${digits(before)}${by} -> ${digits(now)}${by}`);
  }
  if (comparisons.length === 0) lines.push('  the two reports have no figure in common');
  return lines.join('\n');
}

/** @throws an Error in words for a person when the text is no report. */
export function parseReport(text: string, path: string): Report {
  let value: unknown;
  try {
    // npm puts two lines of its own before the output of a script.
    value = JSON.parse(text.slice(Math.max(0, text.indexOf('{'))));
  } catch (error) {
    throw new Error(`${path} is no JSON: ${(error as Error).message}`);
  }
  const report = value as Partial<Report> | null;
  if (report?.schema !== 'wiretracer-bench/1' || !Array.isArray(report.figures)) {
    throw new Error(
      `${path} is no report of this benchmark; write one by "npm run --silent bench -- --json > ${path}"`,
    );
  }
  return report as Report;
}

function isReference(subject: string): boolean {
  return subject === names.blind || subject === names.haproxy || subject === 'direct';
}

function referenceOf(before: Report, now: Report, figure: Figure): string | null {
  const references = [names.blind, names.haproxy];
  const both = (name: string) =>
    find(before, figure, name) !== undefined && find(now, figure, name) !== undefined;
  return references.find(both) ?? null;
}

const find = (report: Report, like: Figure, subject: string): Figure | undefined =>
  report.figures.find(
    (figure) => figure.work === like.work && figure.metric === like.metric && figure.subject === subject,
  );

const digits = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2);
