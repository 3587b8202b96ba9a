import { filterHints } from './filter/hints.ts';
import { printable } from './printable.ts';
import { problemKinds, type Tally } from './reading/tally.ts';

/** Tells on standard error what of a filter can hardly be meant. */
export function tellHints(command: string, filter: string): void {
  for (const hint of filterHints(filter)) process.stderr.write(`wiretracer ${command}: ${hint}\n`);
}

/** That there were records, and a filter that none of them matches. */
export function noMatch(file: string, filter: string): string {
  return `${file}: no record matches the filter: ${printable(filter)}`;
}

/** What could not be read, in lines for people: each kind of problem once, with the first line numbers. */
export function problemLines(tally: Tally): string[] {
  const lines = tally.problems().map((problem) => {
    const named = problem.first.map(({ line }) => line).join(', ');
    const more = problem.lines > problem.first.length ? ', …' : '';
    const what = `${problem.lines} line${problem.lines === 1 ? '' : 's'}: ${problemKinds[problem.kind]}`;
    return `${what} (line ${named}${more}; the first: ${printable(problem.first[0]!.text)})`;
  });
  const missing = tally.missing();
  if (missing > 0) {
    const what = missing === 1 ? '1 record of the run is' : `${missing} records of the run are`;
    lines.push(`${what} not in this input: seq has gaps`);
  }
  return lines;
}
