import { createRequire } from 'node:module';
import type { TObject, TSchema } from 'typebox';
import { didYouMean } from '../text/nearest.ts';

const require = createRequire(import.meta.url);

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
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new Error(
      `${id}: ${JSON.stringify(given)} are no parameters; write an object, such as {"name": 1}`,
    );
  return completedAtOnce(schema, given) ?? convertedOrRefused(id, schema, given, alsoKnown);
}

/** The general way: it takes text for a number, and finds words for what is wrong. */
export function convertedOrRefused(
  id: string,
  schema: TObject,
  given: Record<string, unknown>,
  alsoKnown: string[] = [],
): Record<string, unknown> {
  // Some hundred modules, which nobody needs whose parameters are right.
  const { default: Value } = require('typebox/value') as typeof import('typebox/value');
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

/** The outcome where every value is what its schema wants as it stands; null where only the general way can tell. */
export function completedAtOnce(
  { properties }: TObject,
  given: Record<string, unknown>,
): Record<string, unknown> | null {
  const isKnown = (name: string) => Object.hasOwn(properties, name) && given[name] !== undefined;
  if (!Object.keys(given).every(isKnown)) return null;
  const completed: Record<string, unknown> = { ...given };
  for (const [name, schema] of Object.entries(properties)) {
    if (completed[name] === undefined && 'default' in schema)
      completed[name] = structuredClone(schema.default);
    const value = completed[name];
    if (!(value === undefined && '~optional' in schema) && !isPlainly(schema, value)) return null;
  }
  return completed;
}

/** Keywords that can be judged in a line each, as JSON Schema means them; any other leaves it to the general way. */
const keywords: Record<string, (value: unknown, wanted: never) => boolean> = {
  default: () => true,
  description: () => true,
  enum: (value, wanted: unknown[]) => wanted.includes(value),
  maxLength: (value, wanted: number) => isAscii(value) && value.length <= wanted,
  maximum: (value, wanted: number) => typeof value === 'number' && value <= wanted,
  minLength: (value, wanted: number) => isAscii(value) && value.length >= wanted,
  minimum: (value, wanted: number) => typeof value === 'number' && value >= wanted,
  type: (value, wanted: string) => {
    if (wanted === 'integer') return Number.isInteger(value);
    if (wanted === 'number') return Number.isFinite(value);
    return (wanted === 'string' || wanted === 'boolean') && typeof value === wanted;
  },
};

function isPlainly(schema: TSchema, value: unknown): boolean {
  return Object.entries(schema).every(([name, wanted]) => keywords[name]?.(value, wanted as never) ?? false);
}

/** Its length is the same, whatever is counted. */
function isAscii(value: unknown): value is string {
  return typeof value === 'string' && !/[^ -~]/.test(value);
}
