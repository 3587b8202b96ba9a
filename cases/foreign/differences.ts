import { isObject, show } from '../json.ts';
import type { Failure } from '../run/results.ts';

/** One thing that is wrong, in words that are the same in every case: which field, what was expected, what was seen. */
export type Difference = { field: string; expected: string; seen: string };

/** All failures of an attempt as differences. A record that came nearest to a broken rule is not also one nobody expected. */
export function differences(failures: Failure[], tid: string): Difference[] {
  const explained = new Set(
    failures.flatMap(({ nearest }) => (nearest && !nearest.isTaken ? [nearest.fact] : [])),
  );
  return failures
    .filter(({ rule, seen }) => rule !== 'exhaustive' || !explained.has(seen as Record<string, unknown>))
    .flatMap((failure) => differencesOf(failure, tid));
}

/** A failure as differences; of a rule that matched nothing one per field in which the nearest record differs. */
function differencesOf(failure: Failure, tid: string): Difference[] {
  const { rule, path, expected, seen, nearest } = failure;
  if (nearest?.isTaken) return [{ field: labelOf(nearest.pattern), expected: '1', seen: '0' }];
  if (nearest) {
    const label = labelOf(nearest.fact);
    return nearest.mismatches.map((item) => ({
      field: `${label}: ${plainPath(item.path)}`,
      expected: plainText(item.expected, item.path, tid),
      seen: plainValue(item.seen, item.path, tid),
    }));
  }
  if (rule === 'settled') return settled(String(seen));
  if (rule === 'exhaustive')
    return [{ field: isObject(seen) ? labelOf(seen) : path, expected: 'none', seen: 'one' }];
  if (/(^|\.)never\.\d+$/.test(rule)) {
    const label = isObject(seen) ? labelOf(seen) : rule;
    return [{ field: label, expected: plainText(expected, path, tid), seen: 'one' }];
  }
  if (path === 'count') {
    const [, wanted = '', pattern = ''] = /^(.*?) of (\{.*)$/s.exec(expected) ?? [];
    return [{ field: labelOf(parsedPattern(pattern)), expected: wanted || expected, seen: show(seen) }];
  }
  const where = rule.startsWith('invariant.')
    ? plainPath(path)
    : [outer(rule), plainPath(path)].filter(Boolean).join(': ');
  return [
    { field: where || rule, expected: plainText(expected, path, tid), seen: plainValue(seen, path, tid) },
  ];
}

/** `conn close`, `tls out fail`, `event http1`, `h2ctl GOAWAY`, `server request`. */
export function labelOf(fact: Record<string, unknown>): string {
  const of = (...keys: string[]) => keys.map((key) => fact[key]).filter((value) => typeof value === 'string');
  if (typeof fact.observation === 'string') return `server ${fact.observation}`;
  if (fact.kind === 'conn') return of('kind', 'event').join(' ');
  if (fact.kind === 'tls') return of('kind', 'side', 'outcome').join(' ');
  if (fact.kind === 'h2ctl') return of('kind', 'h2_event').join(' ');
  return of('kind').join(' ') || 'record';
}

function settled(seen: string): Difference[] {
  const words: [RegExp, Difference][] = [
    [/wrote no record of/, { field: 'conn', expected: 'records of every connection', seen: 'none' }],
    [/has no close record/, { field: 'conn close', expected: '1', seen: '0' }],
    [/is not closed/, { field: "the server's connection", expected: 'closed', seen: 'open' }],
    [/gave no result/, { field: 'client', expected: 'a result in time', seen: 'none' }],
  ];
  const found = words.flatMap(([pattern, difference]) => (pattern.test(seen) ? [difference] : []));
  return found.length > 0
    ? found
    : [{ field: 'settled', expected: 'in time', seen: plainValue(seen, '', '') }];
}

function outer(rule: string): string {
  return rule.replace(/^records\..*$/, 'record').replace(/\.\d+$/, '');
}

/** Without the number of the line, without ids, list positions as `*`. */
function plainPath(path: string): string {
  return path
    .replace(/ seq \d+(?=: )/, '')
    .replace(/^[0-9a-f]{8}-[0-9a-f-]{27}: /, '')
    .replace(/(^|\.)\d+(?=\.|$)/g, '$1*');
}

/** Counts and times differ from case to case without meaning. */
const measured =
  /(^|[._ ])(ts|ts_start|ts_end|duration_ms|bytes_in|bytes_out|body_b64|body_bytes|body_sha256|h2fp|length|path|headers|delta)$/;

/** Words for people, different in every case. */
const freeText = /(^|[. ])(error|detail)$/;

function plainValue(value: unknown, path: string, tid: string): string {
  if (typeof value === 'number' && measured.test(path)) return 'another number';
  if (typeof value === 'string' && freeText.test(path)) return 'a text';
  return plainText(show(value, 400), path, tid);
}

function plainText(text: string, path: string, tid: string): string {
  const plain = text
    .replace(ownName(tid), '<tid>')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, '<id>')
    .replace(/\b[0-9a-f]{16,}\b|(?<=_)[0-9a-f]{12}(?![0-9a-f])/g, '<hash>')
    .replace(/"[tqd]\w{9}_<hash>_<hash>"/, 'another')
    .replace(/\b\d{1,3}(\.\d{1,3}){3}:\d+\b|\[[0-9a-f:.]+\]:\d+/g, '<address>')
    .replace(/[A-Za-z0-9+/]{40,}={0,2}/g, '<bytes>')
    .replace(/\b\d{9,}(\.\d+)?\b/g, '<time>');
  const counted = measured.test(path) ? plain.replace(/\b\d+(\.\d+)?\b/g, 'N') : plain;
  return counted.length > 90 ? `${counted.slice(0, 87)}…` : counted;
}

/** The case's own name, as a word of its own; TIDs hold letters, digits, `_` and `.` alone. */
function ownName(tid: string): RegExp {
  return tid === '' ? /(?!)/ : new RegExp(`(?<!\\w)${tid.replaceAll('.', '\\.')}(?!\\w)`, 'g');
}

function parsedPattern(text: string): Record<string, unknown> {
  try {
    const pattern: unknown = JSON.parse(text);
    return isObject(pattern) ? pattern : {};
  } catch {
    // Cut in the middle for people to read; its first keys are whole.
    const pairs = [...text.matchAll(/"(kind|event|side|outcome|h2_event|observation)":"(\w+)"/g)];
    return Object.fromEntries(pairs.map(([, key, value]) => [key, value]));
  }
}
