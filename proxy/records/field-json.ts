import { text } from './line-parts.ts';

/** Header fields as sent, or after redaction: name and value, order and duplicates kept. */
export type Fields = readonly (readonly [string, string])[];

/**
 * Fields in both shapes a record holds: a list of pairs, and an object in which the last duplicate wins in the place of
 * the first, as 1.50 wrote it. `trailers` are merged into the object alone. One pass, since this is most of a record.
 */
export function fieldsJson(fields: Fields, trailers: Fields): { list: string; map: string } {
  if (fields.length === 0 && trailers.length === 0) return { list: '[]', map: '{}' };
  // A Map and not an object: a field may be named `__proto__`, and `1` must not move to the front.
  const byName = new Map<string, string>();
  let list = '[';
  for (let i = 0; i < fields.length; i++) {
    const name = text(fields[i]![0]);
    const value = text(fields[i]![1]);
    list += i === 0 ? `[${name},${value}]` : `,[${name},${value}]`;
    byName.set(name, value);
  }
  for (const [name, value] of trailers) byName.set(text(name), text(value));
  let map = '';
  for (const [name, value] of byName) map += map === '' ? `{${name}:${value}` : `,${name}:${value}`;
  return { list: `${list}]`, map: `${map}}` };
}

export function fieldListJson(fields: Fields): string {
  return fields.length === 0 ? '[]' : JSON.stringify(fields);
}
