import { show } from '../json.ts';
import type { CaseResult, Failure } from '../run/results.ts';

/** One failure in two or three lines: the rule, what was expected, what was seen. */
export function failureText({ rule, path, expected, seen }: Failure): string {
  const where = path === '' ? rule : `${rule} · ${path}`;
  const text =
    typeof seen === 'string' && seen.includes('\n') ? `\n${indent(seen, 4)}` : ` ${show(seen, 400)}`;
  return `${where}\n    expected ${expected}\n    seen    ${text}`;
}

/** The rerun command, ready to paste. */
export function rerunCommand({ instance }: CaseResult, extra: string[] = []): string {
  return ['npm run suite --', instance.tid, ...extra.map(quoted)].join(' ');
}

/** First failures of the attempt that decided; the rest is counted. */
export function failureTexts(failures: Failure[], limit = 8): string[] {
  const texts = failures.slice(0, limit).map(failureText);
  return failures.length > limit ? [...texts, `… and ${failures.length - limit} more`] : texts;
}

function indent(text: string, by: number): string {
  return text.replace(/^/gm, ' '.repeat(by));
}

function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
