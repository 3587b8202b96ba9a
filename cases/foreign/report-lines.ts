import type { ForeignReport } from './foreign-report.ts';

/** How much of a report is shown; all of it is in summary.json. */
const most = { causes: 40, differences: 4, tids: 5 };

/** The end of the report of a run over another proxy: what it gets wrong, what it cannot tell, what was skipped. */
export function foreignLines(report: ForeignReport): string[] {
  const { causes, passed, passedInPart, untold, unjudged, correlation, skipped } = report;
  const lines = ['', 'What this proxy gets wrong, by cause (records of wiretracer 1.50)'];
  if (causes.length === 0) lines.push('  nothing that its records tell');
  for (const { name, tids, differences } of causes.slice(0, most.causes)) {
    const shown = differences.slice(0, name === null ? 1 : most.differences);
    if (name !== null) lines.push(`  ${name}: ${cases(tids)}: ${some(tids)}`);
    for (const { field, expected, seen, tids: own } of shown) {
      const text = `${field}: ${expected} expected, ${seen} seen: ${cases(own)}`;
      lines.push(name === null ? `  ${text}: ${some(own)}` : `    ${text}`);
    }
    if (name !== null && differences.length > shown.length)
      lines.push(`    … and ${plural(differences.length - shown.length, 'more difference')}`);
  }
  if (causes.length > most.causes) {
    const rest = causes.slice(most.causes);
    const tids = [...new Set(rest.flatMap((cause) => cause.tids))];
    lines.push(
      `  … and ${rest.length} more, each of at most ${cases(rest[0]!.tids)} (${cases(tids)} together)`,
    );
  }
  lines.push('', 'What its records do not tell, and no expectation was judged by');
  if (passedInPart > 0) lines.push(`  of ${passed} passed TIDs ${passedInPart} asked for some of it`);
  for (const { field, expectations, cases: count } of untold)
    lines.push(`  ${field}: ${plural(expectations, 'expectation')} in ${plural(count, 'TID')}`);
  for (const { invariant, what } of unjudged) lines.push(`  invariant ${invariant}: ${what}`);
  lines.push('', 'How its connections were given to the clients');
  for (const { rule, connections } of correlation) lines.push(`  by ${rule}: ${connections}`);
  if (skipped.length > 0) lines.push('', 'Skipped');
  for (const { reason, tids } of skipped) lines.push(`  ${reason}: ${cases(tids)}: ${some(tids)}`);
  return lines;
}

function cases(tids: string[]): string {
  return plural(tids.length, 'TID');
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function some(tids: string[]): string {
  const shown = tids.slice(0, most.tids).join(', ');
  return tids.length > most.tids ? `${shown}, …` : shown;
}
