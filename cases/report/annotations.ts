import type { CaseReport } from './case-report.ts';

/** GitHub drops annotations above 10 per step without a word. */
const limit = 8;

/** Workflow commands that mark the failed cases in the files that define them. */
export function annotations(reports: CaseReport[]): string[] {
  const red = reports.filter(({ status }) => status === 'failed' || status === 'error');
  return red.slice(0, limit).map(({ file, line, tid, attempts }) => {
    const text =
      attempts
        .at(-1)
        ?.failures.map((failure) => failure.text)
        .join('\n') ?? 'failed';
    return `::error file=${property(file)},line=${line},title=${property(tid)}::${data(text.slice(0, 2000))}`;
  });
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
