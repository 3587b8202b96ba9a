import { isObject } from '../../json.ts';

/** A value of the Redis protocol in a script: how long it is on the wire, and what it says. */
export type Value = { type: string; text: string; items: Value[]; bytes: number };

/** Everything a `tcp-script` says, if that is what the fault is and it says it all. */
export function scripted(fault: { id: string; params?: Record<string, unknown> } | undefined): string | null {
  if (fault?.id !== 'tcp-script' || !Array.isArray(fault.params?.turns)) return null;
  return fault.params.turns.map((turn) => (isObject(turn) ? String(turn.say) : '')).join('');
}

/** Top-level values of a whole text; null where it holds anything else. */
export function values(text: string): Value[] | null {
  const found: Value[] = [];
  for (let at = 0; at < text.length; ) {
    const value = valueAt(text, at);
    if (value === null) return null;
    found.push(value);
    at += value.bytes;
  }
  return found;
}

const lines: Record<string, string> = { '+': 'simple_string', '-': 'error', ':': 'integer', _: 'null' };
const aggregates: Record<string, string> = { '*': 'array', '%': 'map', '~': 'set', '>': 'push' };

function valueAt(text: string, at: number): Value | null {
  const end = text.indexOf('\r\n', at);
  if (end < 0) return null;
  const mark = text[at]!;
  const line = text.slice(at + 1, end);
  const head = end + 2 - at;
  if (lines[mark] !== undefined) return { type: lines[mark], text: line, items: [], bytes: head };
  const count = Number(line);
  if (!Number.isInteger(count)) return null;
  if (count === -1) return { type: 'null', text: '', items: [], bytes: head };
  if (mark === '$') {
    const body = text.slice(end + 2, end + 2 + count);
    const whole = body.length === count && text.startsWith('\r\n', end + 2 + count);
    return whole ? { type: 'bulk_string', text: body, items: [], bytes: head + count + 2 } : null;
  }
  if (aggregates[mark] === undefined) return null;
  const value: Value = { type: aggregates[mark], text: '', items: [], bytes: head };
  for (let left = mark === '%' ? 2 * count : count; left > 0; left--) {
    const item = valueAt(text, at + value.bytes);
    if (item === null) return null;
    value.items.push(item);
    value.bytes += item.bytes;
  }
  return value;
}
