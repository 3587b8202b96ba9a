import type { Named } from './named.ts';
import { type Outcome, unseenBy } from './run.ts';
import { wordsOf } from './words.ts';

/** What is not as it is named, in words; empty when all is. */
export function mistakesOf(outcome: Outcome, named: Named | undefined): string[] {
  const { red, acted, double } = outcome;
  const mistakes: string[] = [];
  if (red.size === 0) mistakes.push('turns nothing red: nobody looks there');
  const unseen = unseenBy(outcome);
  const excused = double.unseen === undefined ? [] : (named?.unseen ?? []);
  if (acted) {
    const escaped = unseen.filter((tid) => !excused.includes(tid));
    if (escaped.length > 0) mistakes.push(`was wrong unseen in ${escaped.join(' ')}`);
    const innocent = [...red.keys()].filter((tid) => !acted.has(tid));
    if (innocent.length > 0) mistakes.push(`turned red where it did nothing: ${innocent.join(' ')}`);
  }
  if (!named) return [...mistakes, 'is not named in named.yaml'];
  const seen = [...red.keys()];
  const missing = named.red.filter((tid) => !red.has(tid));
  const more = seen.filter((tid) => !named.red.includes(tid));
  if (missing.length > 0) mistakes.push(`is named to turn red, and did not: ${missing.join(' ')}`);
  if (more.length > 0) mistakes.push(`turned red without being named: ${more.join(' ')}`);
  const failures = red.get(named.red[0] ?? '') ?? [];
  if (
    missing.length === 0 &&
    !failures.some((failure) => wordsOf(failure).startsWith(named.words.replace(/…$/, '')))
  )
    mistakes.push(`${named.red[0]} does not say any more: ${named.words}`);
  return mistakes;
}
