import { deepEqual, isObject, show } from '../json.ts';

/** One place where two outcomes are not the same. */
export type Difference = { path: string; direct: unknown; proxied: unknown };

/** The deepest places where two values differ; a list of another length is one difference, with its length. */
export function differencesOf(direct: unknown, proxied: unknown, path: string): Difference[] {
  if (deepEqual(direct, proxied)) return [];
  if (Array.isArray(direct) && Array.isArray(proxied)) {
    if (direct.length !== proxied.length) return [{ path, direct, proxied }];
    return direct.flatMap((item, at) => differencesOf(item, proxied[at], `${path}.${at}`));
  }
  if (isObject(direct) && isObject(proxied)) {
    const keys = [...new Set([...Object.keys(direct), ...Object.keys(proxied)])];
    return keys.flatMap((key) => differencesOf(direct[key], proxied[key], `${path}.${key}`));
  }
  return [{ path, direct, proxied }];
}

/** Whether a place lies at or below what a pattern names; `*` is any one segment. */
export function covers(pattern: string, path: string): boolean {
  const wanted = pattern.split('.');
  const given = path.split('.');
  return wanted.length <= given.length && wanted.every((word, at) => word === '*' || word === given[at]);
}

/** What to write of both: long texts from where they part. */
export function shownApart(direct: unknown, proxied: unknown): { direct: string; proxied: unknown } {
  if (typeof direct !== 'string' || typeof proxied !== 'string' || direct.length + proxied.length <= 200)
    return { direct: show(direct, 300), proxied };
  const longest = Math.max(direct.length, proxied.length);
  const parting =
    Array.from({ length: longest }, (_, at) => at).find((at) => direct[at] !== proxied[at]) ?? 0;
  const from = Math.max(0, parting - 20);
  const part = (text: string) =>
    `${text.length} characters, from ${from} on ${show(text.slice(from, from + 120))}`;
  return { direct: part(direct), proxied: part(proxied) };
}
