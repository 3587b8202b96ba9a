import type { TObject, TSchema } from 'typebox';
import { ClientLimits, requestLimitNames } from '../../protos/control/fault-limits.ts';
import { checkedParameters } from '../../protos/control/fault-params.ts';
import { Type } from '../../protos/schema/type.ts';
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
 * every bad parameter and what was probably meant.
 */
export function faultParams(fault: Fault, given: Record<string, unknown> = {}): Record<string, unknown> {
  return checkedParameters(fault.id, fault.params, given, clientLimitNames);
}

/** The limits of a fault: which of the connections of a run meet it. */
export function faultLimits(fault: Fault, given: Record<string, unknown> = {}): ClientLimits {
  for (const name of Object.keys(given)) {
    if (requestLimitNames.includes(name as never))
      throw new Error(
        `${fault.id}: ${name} is a limit of the fault-server; here first, nth and probability choose among --connections`,
      );
  }
  const limits = checkedParameters(fault.id, ClientLimits, given) as ClientLimits;
  if (limits.seed !== undefined && limits.probability === undefined)
    throw new Error(`${fault.id}: seed goes with probability, such as probability=0.5,seed=${limits.seed}`);
  return limits;
}

const clientLimitNames = Object.keys(ClientLimits.properties);
