import Value from 'typebox/value';
import type { Fault } from './fault.ts';

/**
 * The parameters of a fault, completed by its defaults. Text from a command line is converted to the declared type.
 * Throws an error that names every bad parameter.
 */
export function faultParams(fault: Fault, given: Record<string, unknown> = {}): Record<string, unknown> {
  const completed = Value.Default(fault.params, Value.Convert(fault.params, structuredClone(given)));
  if (Value.Check(fault.params, completed)) return completed as Record<string, unknown>;
  const faults = Value.Errors(fault.params, completed)
    .filter((error) => error.keyword !== 'additionalProperties')
    .map((error) =>
      error.keyword === 'boolean'
        ? `unknown parameter "${error.instancePath.slice(1)}"`
        : `${error.instancePath.slice(1)} ${error.message}`,
    );
  const known = Object.keys(fault.params.properties);
  throw new Error(
    `${fault.id}: ${faults.join('; ')} (parameters: ${known.length > 0 ? known.join(', ') : 'none'})`,
  );
}
