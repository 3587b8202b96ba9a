import { FaultLimits, requestLimitNames } from '../../protos/control/fault-limits.ts';
import { checkedParameters } from '../../protos/control/fault-params.ts';
import type { Fault } from './fault.ts';

/**
 * The parameters of a fault, completed by its defaults. Text from a command line is converted to the declared type.
 * Throws an error that names every bad parameter and what was probably meant.
 */
export function faultParams(fault: Fault, given: Record<string, unknown> = {}): Record<string, unknown> {
  const limits = Object.keys(fault.listen ? {} : FaultLimits.properties);
  return checkedParameters(fault.id, fault.params, given, limits);
}

/** The limits of a fault. Throws, saying why, for those that cannot apply to it. */
export function faultLimits(fault: Fault, given: Record<string, unknown> = {}): FaultLimits {
  const names = Object.keys(given);
  if (names.length > 0 && fault.listen)
    throw new Error(`${fault.id}: ${names[0]} cannot apply: it is the listening socket that fails`);
  const limits = checkedParameters(fault.id, FaultLimits, given) as FaultLimits;
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
