import type { TObject } from 'typebox';
import Value from 'typebox/value';
import { FaultLimits, requestLimitNames } from '../../protos/control/fault-limits.ts';
import { didYouMean } from '../../protos/text/nearest.ts';
import type { Fault } from './fault.ts';

/**
 * The parameters of a fault, completed by its defaults. Text from a command line is converted to the declared type.
 * Throws an error that names every bad parameter and what was probably meant.
 */
export function faultParams(fault: Fault, given: Record<string, unknown> = {}): Record<string, unknown> {
  const limits = Object.keys(fault.listen ? {} : FaultLimits.properties);
  return checked(fault.id, fault.params, given, limits);
}

/** The limits of a fault. Throws, saying why, for those that cannot apply to it. */
export function faultLimits(fault: Fault, given: Record<string, unknown> = {}): FaultLimits {
  const names = Object.keys(given);
  if (names.length > 0 && fault.listen)
    throw new Error(`${fault.id}: ${names[0]} cannot apply: it is the listening socket that fails`);
  const limits = checked(fault.id, FaultLimits, given) as FaultLimits;
  for (const name of requestLimitNames) {
    if (limits[name] === undefined) continue;
    if (fault.perRequest === undefined)
      throw new Error(
        `${fault.id}: ${name} chooses requests, and this fault is one of the whole connection; first, nth and probability apply`,
      );
    if (name === 'after_frames' && fault.perRequest === 'h1')
      throw new Error(`${fault.id}: after_frames counts HTTP/2 frames; write after_bytes`);
  }
  if (limits.seed !== undefined && limits.probability === undefined)
    throw new Error(`${fault.id}: seed goes with probability, such as probability=0.5,seed=${limits.seed}`);
  return limits;
}

function checked(
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
