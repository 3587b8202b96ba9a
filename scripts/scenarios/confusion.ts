/** Scenario x finding: which finding came first, and whether it is the one that had to. */
import type { Variant } from './types.ts';

export type Row = { variant: Variant; first: string | null; skipped: string | null };

const NONE = '(none)';

export function isDiagonal(rows: readonly Row[], expected: ReadonlyMap<string, string | null>): boolean {
  return rows.every((row) => row.skipped !== null || isRight(row, expected));
}

/** An expectation without a variant takes any of the finding. */
function isRight({ variant, first }: Row, expected: ReadonlyMap<string, string | null>): boolean {
  const wanted = expected.get(variant.id);
  return first === wanted || (first !== null && first.split('/')[0] === wanted);
}

/** Every variant stands in the column it had to reach: `#` there, and `X` where it went instead. */
export function confusionTable(rows: readonly Row[], expected: ReadonlyMap<string, string | null>): string {
  const wanted = (row: Row) => expected.get(row.variant.id) ?? NONE;
  const reached = (row: Row) => (isRight(row, expected) ? wanted(row) : (row.first ?? NONE));
  const columns = [
    ...new Set([...rows.map(wanted), ...rows.filter((row) => row.skipped === null).map(reached)]),
  ];
  const width = Math.max(...rows.map(({ variant }) => variant.id.length));
  const lines = columns.map((name, index) => `${String(index + 1).padStart(width + 14)}  ${name}`);
  const numbers = columns.map((_, index) => String(index + 1).padStart(3)).join('');
  lines.push('', `${' '.repeat(width + 13)}${numbers}`);
  for (const row of rows) {
    const { variant, skipped } = row;
    const marks = columns.map((name) => {
      if (skipped !== null) return name === wanted(row) ? '  ?' : '  .';
      if (name === reached(row)) return name === wanted(row) ? '  #' : '  X';
      return name === wanted(row) ? '  o' : '  .';
    });
    const why = skipped === null ? '' : `  skipped: ${skipped}`;
    lines.push(`${variant.id.padEnd(width)} ${variant.role.padEnd(11)} ${marks.join('')}${why}`);
  }
  const wrong = rows.filter((row) => row.skipped === null && !isRight(row, expected));
  const skips = rows.filter(({ skipped }) => skipped !== null).length;
  lines.push(
    '',
    `${rows.length - wrong.length - skips} as expected (#), ${wrong.length} not (X in place of o), ${skips} skipped (?)`,
  );
  return lines.join('\n');
}
