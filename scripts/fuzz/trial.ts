import type { FuzzTarget, Step } from '../../protos/testing/fuzz-target.ts';
import { meter } from './meter.ts';
import type { Split } from './splits.ts';
import { byteCount } from './transcript.ts';

/** What must never happen, and did. `signature` is the same for inputs that show the same defect. */
export type Finding = { kind: FindingKind; text: string; signature: string };
export type FindingKind = 'threw' | 'depends on the cut' | 'too much work' | 'hang';

export type Decoded = { value: unknown; text: string };
export type Outcome = { decoded: Decoded; finding: null } | { decoded: null; finding: Finding };

/** Decodes once and counts the work. `lent`: the bytes are overwritten as soon as the decoder asks for more. */
export function decode(target: FuzzTarget, steps: readonly Step[], lent: boolean): Outcome {
  const before = meter.bytes;
  let value: unknown;
  try {
    value = target.run(chunks(steps, lent && !target.keepsChunks));
  } catch (error) {
    return { decoded: null, finding: threw(error) };
  }
  const bytes = byteCount(steps);
  const limit = target.copiedBytes?.(bytes) ?? 64 * bytes + (256 << 10);
  const copied = meter.bytes - before;
  if (copied > limit) {
    const text = `${copied} bytes copied or allocated for ${bytes} in ${steps.length} pieces, ${limit} at most`;
    return { decoded: null, finding: { kind: 'too much work', text, signature: 'work' } };
  }
  return { decoded: { value, text: JSON.stringify(value) ?? 'nothing' }, finding: null };
}

/** Decodes in one piece, then cut in every given way, and compares. `count` is called for each decoding. */
export function examine(
  target: FuzzTarget,
  whole: readonly Step[],
  splits: Iterable<Split>,
  count: () => void = () => {},
): Outcome {
  count();
  // With bytes that stay: a decoder that keeps what it was lent reads the same wrong bytes in every cut.
  const outcome = decode(target, whole, false);
  if (outcome.finding !== null || !target.cuts) return outcome;
  for (const { name, steps } of splits) {
    count();
    const cut = decode(target, steps, true);
    if (cut.finding !== null) return cut;
    if (cut.decoded.text === outcome.decoded.text) continue;
    return { decoded: null, finding: differs(name, outcome.decoded.value, cut.decoded.value) };
  }
  return outcome;
}

/** The bytes as a decoder gets them: `lent` from memory that is used again for the next, as a relay's buffer is. */
function* chunks(steps: readonly Step[], lent: boolean): Generator<Step> {
  const memory = Buffer.allocUnsafeSlow(byteCount(steps));
  let at = 0;
  for (const { from, bytes } of steps) {
    memory.set(bytes, at);
    const chunk = memory.subarray(at, at + bytes.length);
    at += bytes.length;
    yield { from, bytes: chunk };
    if (!chunk.equals(bytes)) throw new Error('does not hold: the decoder leaves the bytes as they are');
    if (lent) chunk.fill(0x2a);
  }
}

function threw(thrown: unknown): Finding {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const where = placeOf(error);
  const text = `${error.name}: ${error.message.slice(0, 300)}${where}`;
  // The bytes of the input are in the message; its letters say what it is about.
  const words = error.message
    .replace(/"[^"]*"/g, '')
    .replace(/[^A-Za-z ]+/g, '')
    .slice(0, 60);
  return { kind: 'threw', text, signature: `${error.name} ${words}${where}` };
}

/** The nearest line of TypeScript on the stack that is no check of a target. */
function placeOf(error: Error): string {
  for (const line of (error.stack ?? '').split('\n')) {
    const frame = /((?:[\w.-]+\/){1,2}[\w.-]+\.ts):(\d+):\d+/.exec(line);
    if (frame !== null && !frame[1]!.endsWith('fuzz-target.ts')) return ` at ${frame[1]}:${frame[2]}`;
  }
  return '';
}

function differs(split: string, whole: unknown, cut: unknown): Finding {
  const [path, left, right] = firstDifference(whole, cut, '');
  const text = `${split}: ${path || 'the result'} is ${shown(right)}, in one piece ${shown(left)}`;
  return { kind: 'depends on the cut', text, signature: `cut ${path.replace(/\d+/g, '#')}` };
}

function firstDifference(left: unknown, right: unknown, path: string): [string, unknown, unknown] {
  if (isObject(left) && isObject(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      if (JSON.stringify(left[key]) !== JSON.stringify(right[key]))
        return firstDifference(left[key], right[key], `${path}/${key}`);
    }
  }
  return [path, left, right];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}
