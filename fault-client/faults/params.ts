import Type, { type TObject, type TSchema } from 'typebox';
import Value from 'typebox/value';
import type { Fault } from './fault.ts';

/** A closed set of parameters. */
export function params<P extends Record<string, TSchema>>(properties: P) {
  return Type.Object(properties, { additionalProperties: false });
}

export const noParams: TObject = params({});

/** Layers above TLS speak through it unless told otherwise. */
export const plaintext = Type.Boolean({ default: false, description: 'Speak without TLS.' });

/**
 * The parameters of a fault, completed by its defaults; text from a command line is converted. Throws an error that names
 * every bad parameter.
 */
export function faultParams(fault: Fault, given: Record<string, unknown> = {}): Record<string, unknown> {
  const completed = Value.Default(fault.params, Value.Convert(fault.params, structuredClone(given)));
  if (Value.Check(fault.params, completed)) return completed as Record<string, unknown>;
  const wrong = Value.Errors(fault.params, completed).map(
    (error) => `${error.instancePath.slice(1) || 'parameters'} ${error.message}`,
  );
  const known = Object.keys(fault.params.properties).join(', ') || 'none';
  throw new Error(`${fault.id}: ${wrong.join('; ')} (parameters: ${known})`);
}
