import { UsageError } from '../exit-codes.ts';

/**
 * The words of a command, divided as a shell does: at spaces outside of quotes. Nothing else of a shell is understood. A
 * backslash stands for the space or quote behind it, and elsewhere for itself, as in a path of Windows.
 * @throws UsageError for a quote that is not closed, and for no word at all
 */
export function commandWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (const [all, single, double, escaped, plain] of line.matchAll(pieces)) {
    const text = single ?? double?.replace(/\\(["\\])/g, '$1') ?? escaped ?? plain;
    if (text !== undefined) word = (word ?? '') + text;
    else if (all.trim() !== '') throw new UsageError(`a quote is not closed: ${line}`);
    else if (word !== null) {
      words.push(word);
      word = null;
    }
  }
  if (word !== null) words.push(word);
  if (words.length === 0)
    throw new UsageError(
      'a command is empty; write a program and its arguments, as in "node proxy/bin.mjs --config {config}"',
    );
  return words;
}

/** 'single', "double", an escaped character, anything else; else a space, or a quote that is not closed. */
const pieces = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\([\s'"])|([^\s'"\\]+|\\)|\s+|./gs;
