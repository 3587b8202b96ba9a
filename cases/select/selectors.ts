import { UsageError } from '../exit-codes.ts';

/** Scenarios (`scenario`) and what has the tag `slow` take seconds, and are meant only where they are named. */
type Selectable = { tid: string; tags: string[]; area: string; scenario?: unknown };

/**
 * Keeps the cases that any of the selectors names: a TID or its part before the first dot (`smoke_tls` takes its whole matrix), a glob
 * (`mtls_*`), `@tag`, `/regular expression/`, an area (`area:tls`). `!x` takes away what `x` names. Without a positive
 * selector everything is meant but the scenarios and what is tagged `slow`.
 * @throws UsageError when a plain name matches nothing; it may be a typing mistake.
 */
export function select<Case extends Selectable>(cases: Case[], selectors: string[]): Case[] {
  const positive = selectors.filter((selector) => !selector.startsWith('!'));
  const negative = selectors
    .filter((selector) => selector.startsWith('!'))
    .map((selector) => selector.slice(1));
  for (const name of [...positive, ...negative]) {
    if (/^[\w.-]+$/.test(name) && !cases.some(matcher(name))) {
      const near = cases.some(({ tid }) => tid.startsWith(name)) ? `${name}*` : nearest(name, cases);
      throw new UsageError(`no case is named ${name}${near ? `; did you mean ${near}?` : ''}`);
    }
  }
  const wanted = positive.map(matcher);
  const unwanted = negative.map(matcher);
  return cases.filter(
    (item) =>
      (wanted.length === 0 ? !takesLong(item) : wanted.some((matches) => matches(item))) &&
      !unwanted.some((matches) => matches(item)),
  );
}

const takesLong = ({ scenario, tags }: Selectable): boolean =>
  scenario !== undefined || tags.includes('slow');

function matcher(selector: string): (item: Selectable) => boolean {
  if (selector.startsWith('@')) return ({ tags }) => tags.includes(selector.slice(1));
  if (selector.startsWith('area:')) return ({ area }) => area === selector.slice(5);
  const source = /^\/(.*)\/$/s.exec(selector);
  if (source) {
    try {
      const expression = new RegExp(source[1]!);
      return ({ tid }) => expression.test(tid);
    } catch (error) {
      throw new UsageError(`selector ${selector}: ${(error as Error).message}`);
    }
  }
  if (/[*?]/.test(selector)) {
    const escaped = selector.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    const expression = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
    return ({ tid }) => expression.test(tid);
  }
  return ({ tid }) => tid === selector || tid.startsWith(`${selector}.`);
}

/** The TID with the smallest edit distance, when it is small. */
function nearest(name: string, cases: Selectable[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of new Set(cases.flatMap(({ tid }) => [tid, tid.split('.')[0]!]))) {
    const distance = editDistance(name, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_unused, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const change = row[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[right.length]!;
}
