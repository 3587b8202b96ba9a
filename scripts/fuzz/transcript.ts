import type { Step } from '../../protos/testing/fuzz-target.ts';

/**
 * A file of the corpus: a line for each step, its side and its bytes, quoted where they are mostly text and in hex where not.
 * A line that begins with `+` goes on with the same step; `#` begins a comment.
 */
export function formatTranscript(steps: readonly Step[], sides: readonly string[], comment = ''): string {
  const lines = comment === '' ? [] : comment.split('\n').map((line) => `# ${line}`);
  for (const { from, bytes } of steps) {
    const parts = isMostlyText(bytes) ? textLines(bytes).map(quoted) : hexLines(bytes);
    for (const [index, part] of parts.entries()) lines.push(`${index === 0 ? sides[from] : '+'} ${part}`);
  }
  return `${lines.join('\n')}\n`;
}

/** @throws Error that names the line which is none of the above. */
export function parseTranscript(text: string, sides: readonly string[]): Step[] {
  const steps: Step[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.indexOf(' ');
    const side = line.slice(0, space);
    const bytes = readBytes(line.slice(space + 1));
    const last = steps.at(-1);
    const from = sides.indexOf(side);
    if (bytes === null || (side === '+' ? last === undefined : from < 0)) {
      throw new Error(`line ${index + 1}: ${line.slice(0, 60)}; write ${sides.join(' or ')}, then bytes`);
    }
    if (side === '+') last!.bytes = Buffer.concat([last!.bytes, bytes]);
    else steps.push({ from: from as 0 | 1, bytes });
  }
  return steps;
}

/** Neighbours of one side as one step: the transcript in as few pieces as its order allows. */
export function merged(steps: readonly Step[]): Step[] {
  const whole: Step[] = [];
  for (const { from, bytes } of steps) {
    const last = whole.at(-1);
    if (last?.from === from) last.bytes = Buffer.concat([last.bytes, bytes]);
    else whole.push({ from, bytes });
  }
  return whole;
}

export function byteCount(steps: readonly Step[]): number {
  return steps.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

const bytesOfHexLine = 48;

function isMostlyText(bytes: Buffer): boolean {
  let plain = 0;
  for (const byte of bytes) if ((byte >= 0x20 && byte < 0x7f) || byte === 10 || byte === 13) plain++;
  return plain >= bytes.length * 0.7;
}

function textLines(bytes: Buffer): string[] {
  return bytes.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? [''];
}

function quoted(text: string): string {
  const escaped = JSON.stringify(text);
  return escaped.replace(/[\x7f-\xff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function hexLines(bytes: Buffer): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += bytesOfHexLine)
    lines.push(bytes.toString('hex', at, Math.min(bytes.length, at + bytesOfHexLine)));
  return lines;
}

function readBytes(text: string): Buffer | null {
  if (/^(?:[0-9a-f]{2})+$/.test(text)) return Buffer.from(text, 'hex');
  if (!text.startsWith('"')) return null;
  try {
    return Buffer.from(JSON.parse(text) as string, 'latin1');
  } catch {
    return null;
  }
}
