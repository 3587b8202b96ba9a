import type { TObject } from 'typebox';
import Value from 'typebox/value';
import { didYouMean } from '../text/nearest.ts';

/**
 * Named values by their schema, completed by its defaults. Text from a command line is converted to the declared type.
 * Throws an error that begins with `id`, names every wrong value, and what a misspelled name probably means.
 * `alsoKnown` are names that belong beside these.
 */
export function checkedParameters(
  id: string,
  schema: TObject,
  given: Record<string, unknown>,
  alsoKnown: string[] = [],
): Record<string, unknown> {
  const known = Object.keys(schema.properties);
  const completed = Value.Default(schema, Value.Convert(schema, structuredClone(given)));
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  if (unknown.length === 0 && Value.Check(schema, completed)) return completed as Record<string, unknown>;
  const wrong = [
    ...unknown.map((name) => `unknown parameter "${name}", ${didYouMean(name, [...known, ...alsoKnown])}`),
    ...Value.Errors(schema, completed)
      .filter(({ instancePath }) => known.includes(instancePath.slice(1)))
      .map((error) => `${error.instancePath.slice(1)} ${error.message}${allowed(error)}`),
  ];
  const own = `parameters: ${known.length > 0 ? known.join(', ') : 'none'}`;
  const limits = alsoKnown.length > 0 ? `; limits: ${alsoKnown.join(', ')}` : '';
  throw new Error(`${id}: ${wrong.map((text) => text.replace(/[, ]+$/, '')).join('; ')} (${own}${limits})`);
}

function allowed({ params }: { params: unknown }): string {
  const values = (params as { allowedValues?: unknown[] }).allowedValues;
  return values ? `: ${values.join(', ')}` : '';
}
