/**
 * The known word a mistyped one most probably means, or null when none is near: the fewest edits (Damerau-Levenshtein,
 * neighbours swapped count once), at most a third of the word; else the one known word that begins or goes on the same way.
 */
export function nearest(word: string, known: readonly string[]): string | null {
  if (word === '') return null;
  const limit = Math.max(1, Math.floor(word.length / 3));
  const ranked = known
    .map((other) => ({ other, edits: edits(word.toLowerCase(), other.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  if (best && best.edits <= limit) return best.other;
  const within = known.filter((other) => word.length >= 3 && (other.includes(word) || word.includes(other)));
  return within.sort((a, b) => a.length - b.length)[0] ?? null;
}

/** `did you mean "x"? ` where something is near, else nothing: the middle of an error message. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === null ? '' : `did you mean "${near}"? `;
}

function edits(a: string, b: string): number {
  // Words of a command line are short; a hostile one must not cost its square.
  if (a.length > 100 || Math.abs(a.length - b.length) > 40) return Number.POSITIVE_INFINITY;
  let [beforeLast, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
