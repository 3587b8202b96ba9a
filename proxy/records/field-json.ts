/** Header fields as sent, or after redaction: name and value, order and duplicates kept. */
export type Fields = readonly (readonly [string, string])[];

/** Fields as a JSON list of pairs. */
export function fieldListJson(fields: Fields): string {
  return fields.length === 0 ? '[]' : JSON.stringify(fields);
}

/** Fields as a JSON object, of duplicates the last one, in the place of the first, as 1.50 wrote them. */
export function fieldMapJson(fields: Fields, trailers: Fields): string {
  if (fields.length === 0 && trailers.length === 0) return '{}';
  // A Map and not an object: a field may be named `__proto__`, and `1` must not move to the front.
  const byName = new Map<string, string>();
  for (const [name, value] of fields) byName.set(name, value);
  for (const [name, value] of trailers) byName.set(name, value);
  let json = '';
  for (const [name, value] of byName) {
    json += `${json === '' ? '{' : ','}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  return `${json}}`;
}
