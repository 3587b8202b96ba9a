import { exitCodes } from '../exit-codes.ts';
import { show } from '../json.ts';
import type { KnownDifferences } from './known-differences.ts';
import { differences, type Projection } from './projection.ts';

export type PairVerdict = { lines: string[]; unknown: number; known: number };

/** Names every difference of one pair, with its reason where it is known. */
export function comparePair(
  tid: string,
  native: Projection,
  emulated: Projection,
  known: KnownDifferences,
): PairVerdict {
  const verdict: PairVerdict = { lines: [], unknown: 0, known: 0 };
  for (const difference of differences(native, emulated)) {
    const reason = known.reasonOf(tid, difference);
    if (reason === null) verdict.unknown++;
    else verdict.known++;
    const values = `grpc_native ${show(difference.native, 80)}, grpc ${show(difference.emulated, 80)}`;
    verdict.lines.push(
      `${reason === null ? 'UNKNOWN' : `known (${reason})`} ${tid} ${difference.field}: ${values}`,
    );
  }
  return verdict;
}

/** A run that could not be judged outweighs a difference, and a difference a red case. */
export function compareExitCode(problems: number, unknown: number, red: number): number {
  if (problems > 0) return exitCodes.infrastructure;
  if (unknown > 0) return exitCodes.comparison;
  return red > 0 ? exitCodes.failures : exitCodes.ok;
}
