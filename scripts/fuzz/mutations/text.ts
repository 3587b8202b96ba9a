import { few, pick, whole } from '../random.ts';
import { type Mutation, replaced, type Sources } from './bytes.ts';

const numbers = [
  '0',
  '1',
  '-1',
  '00',
  '5',
  '10',
  '99',
  '255',
  '256',
  '1000',
  '65535',
  '65536',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '18446744073709551616',
  '1e3',
  '0x10',
  '+1',
  ' 1',
  'ff',
  'FFFFFFFFFFFFF',
  '1_0',
  '',
];
const delimiters = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  ' ',
  '\t',
  ':',
  ': ',
  ',',
  ';',
  '=',
  '"',
  '\\',
  '/',
  '%',
  '\0',
  '&',
  '*',
  '<<',
  '#',
  '-',
  '{',
  '}',
  '[',
  ']',
  '|',
  '>',
  '!',
];

/** Mutations of lines, words and numbers. */
export const textMutations: readonly Mutation[] = [
  insertWord,
  insertWord,
  replaceWord,
  replaceNumber,
  insertDelimiter,
  removeLine,
  repeatLine,
  swapLines,
  takeLine,
  changeCase,
];

const latin1 = (text: string) => Buffer.from(text, 'latin1');

function insertWord(bytes: Buffer, { random, words }: Sources): Buffer {
  if (words.length === 0) return bytes;
  const at = random() < 0.5 ? whole(random, bytes.length + 1) : boundary(bytes, random);
  return replaced(bytes, at, at, latin1(pick(random, words)));
}

function replaceWord(bytes: Buffer, { random, words }: Sources): Buffer {
  const found = matchesOf(bytes, /[\w.-]+/g);
  if (found.length === 0 || words.length === 0) return bytes;
  const { index, length } = pick(random, found);
  return replaced(bytes, index, index + length, latin1(pick(random, words)));
}

function replaceNumber(bytes: Buffer, { random }: Sources): Buffer {
  const found = matchesOf(bytes, /[0-9a-fA-F]*[0-9][0-9a-fA-F]*/g);
  if (found.length === 0) return bytes;
  const { index, length } = pick(random, found);
  const old = Number.parseInt(bytes.toString('latin1', index, index + length), 10);
  const by =
    random() < 0.3 && Number.isFinite(old) ? String(old + pick(random, [-1, 1, 10])) : pick(random, numbers);
  return replaced(bytes, index, index + length, latin1(by));
}

function insertDelimiter(bytes: Buffer, { random }: Sources): Buffer {
  const at = random() < 0.5 ? whole(random, bytes.length + 1) : boundary(bytes, random);
  const end = random() < 0.5 ? at : Math.min(bytes.length, at + few(random, 3));
  return replaced(bytes, at, end, latin1(pick(random, delimiters)));
}

function removeLine(bytes: Buffer, { random }: Sources): Buffer {
  const lines = linesOf(bytes);
  lines.splice(whole(random, lines.length), few(random, 4));
  return latin1(lines.join(''));
}

function repeatLine(bytes: Buffer, { random }: Sources): Buffer {
  const lines = linesOf(bytes);
  const at = whole(random, lines.length);
  const part = lines.slice(at, at + few(random, 4));
  lines.splice(whole(random, lines.length + 1), 0, ...part);
  return latin1(lines.join(''));
}

function swapLines(bytes: Buffer, { random }: Sources): Buffer {
  const lines = linesOf(bytes);
  const [one, two] = [whole(random, lines.length), whole(random, lines.length)];
  [lines[one], lines[two]] = [lines[two] ?? '', lines[one] ?? ''];
  return latin1(lines.join(''));
}

/** A line or more of another input. */
function takeLine(bytes: Buffer, { random, other }: Sources): Buffer {
  const [lines, theirs] = [linesOf(bytes), linesOf(other())];
  const from = whole(random, theirs.length);
  lines.splice(whole(random, lines.length + 1), 0, ...theirs.slice(from, from + few(random, 6)));
  return latin1(lines.join(''));
}

function changeCase(bytes: Buffer, { random }: Sources): Buffer {
  const found = matchesOf(bytes, /[A-Za-z]+/g);
  if (found.length === 0) return bytes;
  const { index, length } = pick(random, found);
  const text = bytes.toString('latin1', index, index + length);
  const upper = text.toUpperCase();
  return replaced(bytes, index, index + length, latin1(text === upper ? text.toLowerCase() : upper));
}

function linesOf(bytes: Buffer): string[] {
  return bytes.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function matchesOf(bytes: Buffer, pattern: RegExp): { index: number; length: number }[] {
  return Array.from(bytes.toString('latin1').matchAll(pattern), (match) => ({
    index: match.index,
    length: match[0].length,
  }));
}

/** Where a line, a word or a value begins. */
function boundary(bytes: Buffer, random: () => number): number {
  const found = matchesOf(bytes, /\n|[:,; ="]/g);
  return found.length === 0 ? 0 : pick(random, found).index + 1;
}
