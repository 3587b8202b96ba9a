/** What the process tells its caller. The highest concern wins in the order of `worst`. */
export const exitCodes = {
  ok: 0,
  failures: 1,
  usage: 2,
  infrastructure: 3,
  nothingRan: 4,
  flaky: 5,
  comparison: 6,
} as const;

/** A mistake of the caller: wrong flag, unknown selector, invalid case, unreadable file. Exit 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The harness could not do its part: a program did not start, records that belong to nobody. Exit 3. */
export class InfrastructureError extends Error {
  override name = 'InfrastructureError';
}
