import { text } from './line-parts.ts';

/** Header fields as sent, or after redaction: name and value, order and duplicates kept. */
export type Fields = readonly (readonly [string, string])[];

/** The two shapes a record holds, as JSON. */
export type FieldsJson = { list: string; map: string };

/**
 * Fields in both shapes a record holds: a list of pairs, and an object in which the last duplicate wins in the place of
 * the first, as 1.50 wrote it. `trailers` are merged into the object alone. One pass, since this is most of a record.
 */
export function fieldsJson(fields: Fields, trailers: Fields): FieldsJson {
  if (trailers.length > 0 || hasDuplicate(fields)) {
    return { list: fieldListJson(fields), map: mergedMap(fields, trailers) };
  }
  if (fields.length === 0) return empty;
  let list = '[[';
  let map = '{';
  for (let i = 0; i < fields.length; i++) {
    const name = nameJson(fields[i]![0]);
    const value = text(fields[i]![1]);
    if (i > 0) {
      list += '],[';
      map += ',';
    }
    list += `${name},${value}`;
    map += `${name}:${value}`;
  }
  return { list: `${list}]]`, map: `${map}}` };
}

export function fieldListJson(fields: Fields): string {
  return fields.length === 0 ? '[]' : JSON.stringify(fields);
}

const empty: FieldsJson = { list: '[]', map: '{}' };

function mergedMap(fields: Fields, trailers: Fields): string {
  // A Map and not an object: a field may be named `__proto__`, and `1` must not move to the front.
  const byName = new Map<string, string>();
  for (const [name, value] of fields) byName.set(name, value);
  for (const [name, value] of trailers) byName.set(name, value);
  let map = '';
  for (const [name, value] of byName) map += `${map === '' ? '' : ','}${nameJson(name)}:${text(value)}`;
  return `{${map}}`;
}

/** Comparing a dozen names with each other costs less than hashing them; a long list is given to the Map. */
function hasDuplicate(fields: Fields): boolean {
  if (fields.length > 24) return true;
  for (let i = 1; i < fields.length; i++) {
    const name = fields[i]![0];
    for (let j = 0; j < i; j++) if (fields[j]![0] === name) return true;
  }
  return false;
}

/** Names repeat, and a lookup is cheaper than looking for what to escape. Bounded, for a peer may send any name. */
const knownNames = new Map<string, string>();

function nameJson(name: string): string {
  let json = knownNames.get(name);
  if (json === undefined) {
    json = text(name);
    if (knownNames.size < 1000 && name.length < 64) knownNames.set(name, json);
  }
  return json;
}
