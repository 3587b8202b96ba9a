import { isObject } from '../json.ts';

export type Variables = Record<string, unknown>;

/** Every combination of the matrix but the excluded ones, in the order written; one empty combination without a matrix. */
export function combinations(matrix: Record<string, unknown[]> = {}, exclude: Variables[] = []): Variables[] {
  let rows: Variables[] = [{}];
  for (const [name, values] of Object.entries(matrix)) {
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value })));
  }
  return rows.filter((row) => !exclude.some((rule) => names(rule, row)));
}

/** Whether a combination has every value a rule of `exclude` or `smoke` gives; a map is known by its name. */
export function names(rule: Variables, row: Variables): boolean {
  return Object.entries(rule).every(
    ([name, value]) => name in row && valueName(row[name]) === valueName(value),
  );
}

/** The short name of a matrix value: its `name` when it is a map, else the value itself. */
export function valueName(value: unknown): string {
  return isObject(value) ? String(value.name ?? '') : String(value);
}

/** `tid` and the names of the values, dotted; or what `format` makes of them. */
export function expandedTid(tid: string, row: Variables, format?: string): string {
  if (format !== undefined) return String(substitute(format, { ...row, tid }));
  return [tid, ...Object.values(row).map(valueName)].join('.');
}

/**
 * Replaces `${name}` and `${name.key}` in every string, keys included. A string that is nothing but one variable takes
 * the variable's value with its type; inside a longer string a map stands for its name.
 * @throws Error that names a variable the matrix does not have.
 */
export function substitute(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string') return substituteText(value, variables);
  if (Array.isArray(value)) return value.map((item) => substitute(item, variables));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      String(substituteText(key, variables)),
      substitute(item, variables),
    ]),
  );
}

function substituteText(text: string, variables: Variables): unknown {
  if (!text.includes('${')) return text;
  const whole = /^\$\{([\w.-]+)\}$/.exec(text);
  if (whole) return lookup(whole[1]!, variables);
  return text.replace(/\$\{([\w.-]+)\}/g, (_all, path: string) => valueName(lookup(path, variables)));
}

function lookup(path: string, variables: Variables): unknown {
  let value: unknown = variables;
  for (const key of path.split('.')) {
    if (!isObject(value) || !(key in value)) {
      const known = Object.keys(variables).join(', ') || 'none';
      throw new Error(`no matrix variable \${${path}}; known: ${known}`);
    }
    value = value[key];
  }
  return value;
}
