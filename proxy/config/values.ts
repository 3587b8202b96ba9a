import { isScalar, isSeq, type Node } from 'yaml';
import { complain, joined, nodeOf, offsetOf, type Section, told } from './section.ts';

/** Text or null when left out. A plain number is taken as written: `server_name: 1234` is the text 1234. */
export function readText(section: Section, key: string): string | null {
  const node = nodeOf(section, key);
  if (node === null) return null;
  const text = asText(node);
  if (text === null) complain(section, key, `must be text; it is ${told(node)}`);
  return text === '' ? null : text;
}

export function readRequiredText(section: Section, key: string, example: string): string {
  const text = readText(section, key);
  if (text === null && (nodeOf(section, key) === null || asText(nodeOf(section, key)!) === '')) {
    complain(section, key, `is missing; write for example ${key}: ${example}`);
  }
  return text ?? '';
}

/** Plain `yes`, `no`, `on` and `off` are YAML 1.1's booleans, which 1.50 read; quoted text is never one. */
export function readFlag(section: Section, key: string, byDefault: boolean): boolean {
  if (!section.values.has(key)) return byDefault;
  const value = nodeOf(section, key);
  if (value === null) {
    complain(section, key, 'is empty; write true or false');
    return byDefault;
  }
  if (isScalar(value)) {
    if (typeof value.value === 'boolean') return value.value;
    if (value.type === 'PLAIN' && typeof value.value === 'string') {
      const word = value.value.toLowerCase();
      if (word === 'yes' || word === 'on') return true;
      if (word === 'no' || word === 'off') return false;
    }
    const bare = String(value.value).toLowerCase();
    if (bare === 'true' || bare === 'false') {
      complain(section, key, `must be true or false; ${told(value)} in quotes is text: write ${bare}`);
      return byDefault;
    }
  }
  complain(section, key, `must be true or false; it is ${told(value)}`);
  return byDefault;
}

export type NumberRule = {
  byDefault: number;
  min: number;
  max: number;
  whole?: boolean;
  zeroIsDefault?: boolean;
  /** What else may stand there, for the message; the caller has looked for it. */
  orElse?: string;
};

export function readNumber(section: Section, key: string, rule: NumberRule): number {
  const { byDefault, min, max, whole, zeroIsDefault } = rule;
  if (!section.values.has(key)) return byDefault;
  const node = nodeOf(section, key);
  const or = rule.orElse === undefined ? '' : `, or ${rule.orElse}`;
  const wanted = `must be a ${whole ? 'whole number' : 'number'} from ${min} to ${max}${or}`;
  if (node === null) {
    complain(section, key, `${wanted}; it is empty`);
    return byDefault;
  }
  const value = isScalar(node) ? node.value : null;
  if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) {
    complain(section, key, `${wanted}; ${told(node)} in quotes is text: write ${value.trim()}`);
  } else if (typeof value !== 'number' || !Number.isFinite(value) || (whole && !Number.isInteger(value))) {
    complain(section, key, `${wanted}; it is ${told(node)}`);
  } else if (value < min || value > max) complain(section, key, `${wanted}; it is ${told(node)}`);
  else return value === 0 && zeroIsDefault ? byDefault : value;
  return byDefault;
}

export type Entry = { text: string; offset: number };

/** A list of text; null when left out. */
export function readList(section: Section, key: string): Entry[] | null {
  if (!section.values.has(key)) return null;
  const node = nodeOf(section, key);
  if (node === null) {
    complain(section, key, 'is empty; write [] for an empty list, or leave the key out for its default');
    return null;
  }
  if (!isSeq(node)) {
    const text = asText(node);
    complain(section, key, `must be a list; ${text ? `write ["${text}"]` : `it is ${told(node)}`}`);
    return null;
  }
  const entries: Entry[] = [];
  for (const item of node.items as (Node | null)[]) {
    const text = item === null ? null : asText(item);
    if (text === null || text === '') {
      const at = item === null ? offsetOf(node) : offsetOf(item);
      section.problems.add(
        at,
        `${joined(section, key)} must hold text only; this entry is ${item === null ? 'empty' : told(item)}`,
      );
    } else entries.push({ text, offset: offsetOf(item!) });
  }
  return entries;
}

export function readChoice<Word extends string>(
  section: Section,
  key: string,
  words: readonly Word[],
  byDefault: Word,
): Word {
  if (!section.values.has(key)) return byDefault;
  const node = nodeOf(section, key);
  // `off` is text here: this is YAML 1.2. A file may still hold the boolean, meaning the same.
  const text = node === null ? null : isScalar(node) && node.value === false ? 'off' : asText(node);
  const word = words.find((one) => one === text);
  if (word === undefined) {
    complain(
      section,
      key,
      `must be one of ${words.join(', ')}; it is ${node === null ? 'empty' : told(node)}`,
    );
  }
  return word ?? byDefault;
}

function asText(node: Node): string | null {
  if (!isScalar(node)) return null;
  if (typeof node.value === 'string') return node.value;
  return typeof node.value === 'number' || typeof node.value === 'bigint'
    ? (node.source ?? String(node.value))
    : null;
}
