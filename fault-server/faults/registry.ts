import { tlsForgeFaults } from '../tls-forge/faults.ts';
import type { Fault } from './fault.ts';

/** Every fault, grouped by layer in the order of the stack. */
export const faults: readonly Fault[] = [...tlsForgeFaults];

/** Throws with the nearest names when there is no such fault. */
export function findFault(id: string): Fault {
  const found = faults.find((fault) => fault.id === id);
  if (found) return found;
  throw new Error(`unknown fault "${id}" (see fault-server --list)`);
}
