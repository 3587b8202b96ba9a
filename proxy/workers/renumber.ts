/**
 * Copies whole lines and gives the first one the `seq` `base`; the others keep their distance from it, so that the gap of
 * a line given up stays a gap. `expected` is the number the first one has if none was given up before it. `out` holds
 * renumberedBytes(lines) at least; returns how many bytes of it are taken, how many lines that is and how many numbers.
 */
export function renumber(
  lines: Buffer,
  expected: number,
  base: number,
  out: Buffer,
): { bytes: number; lines: number; numbers: number } {
  let count = 0;
  let seq = expected - 1;
  let length = 0;
  let copied = 0;
  for (let at = digitsFrom(lines, 0); at !== -1; at = digitsFrom(lines, copied)) {
    length += lines.copy(out, length, copied, at);
    seq = seqAt(lines, at);
    length = writeNumber(out, length, base + seq - expected);
    count++;
    copied = at;
    while (isDigit(lines[copied])) copied++;
  }
  return { bytes: length + lines.copy(out, length, copied), lines: count, numbers: seq + 1 - expected };
}

/** The most that `lines` can take with other numbers. */
export const renumberedBytes = (lines: Buffer): number =>
  lines.length + Math.ceil(lines.length / SHORTEST_LINE) * MOST_DIGITS;

/** The `seq` of the last of some whole lines. */
export function lastSeq(lines: Buffer): number {
  const start = lines.lastIndexOf(NEWLINE, lines.length - 2) + 1;
  return seqAt(lines, digitsFrom(lines, start));
}

/**
 * Where the digits of the next `seq` begin. Nothing else in a line looks like it: inside JSON text a quote is escaped, and
 * a header of that name has text for its value.
 */
function digitsFrom(lines: Buffer, from: number): number {
  let at = lines.indexOf(RARE_END, from);
  while (at !== -1 && !isSeq(lines, at)) at = lines.indexOf(RARE_END, at + 1);
  return at === -1 ? -1 : at + RARE_END.length;
}

const isSeq = (lines: Buffer, at: number): boolean =>
  lines[at - 1] === LETTER_E &&
  lines[at - 2] === LETTER_S &&
  lines[at - 3] === QUOTE &&
  lines[at - 4] === COMMA &&
  isDigit(lines[at + RARE_END.length]);

function seqAt(lines: Buffer, at: number): number {
  let seq = 0;
  for (let place = at; isDigit(lines[place]); place++) seq = seq * 10 + lines[place]! - ZERO;
  return seq;
}

function writeNumber(out: Buffer, at: number, value: number): number {
  let end = at + 1;
  for (let bound = 10; bound <= value; bound *= 10) end++;
  let rest = value;
  for (let place = end - 1; place >= at; place--) {
    out[place] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return end;
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= ZERO + 9;

const NEWLINE = 0x0a;
const ZERO = 0x30;
/** The end of `,"seq":`. A search stops at every byte equal to the first one, of which a comma would be every tenth. */
const RARE_END = Buffer.from('q":');
const COMMA = 0x2c;
const QUOTE = 0x22;
const LETTER_S = 0x73;
const LETTER_E = 0x65;
/** Below what any record takes, and what its number may grow by. */
const SHORTEST_LINE = 100;
const MOST_DIGITS = 16;
