import { compile, type Predicate } from './compile.ts';
import { parseFilterText } from './parse.ts';

/**
 * What a filter of 1.50's language decides about a record; see the README for its grammar. An empty one matches every record.
 * Throws a FilterError that tells the column and, for an unknown field, the nearest one.
 *
 * @example createFilter('proto=tls outcome=fail client=10.0.0.0/8')(record)
 */
export function createFilter(text: string): Predicate {
  const expression = parseFilterText(text);
  return expression === null ? () => true : compile(expression, text);
}
