import type { ClientResult } from '../../protos/control/fault-client.ts';

export type Phase = NonNullable<ClientResult['error']>['phase'];

/** A failure that ends a run, with the step in which it happened. `code` is Node's or OpenSSL's where there is one. */
export class RunError extends Error {
  readonly code: string;
  readonly phase: Phase;

  constructor(phase: Phase, code: string, message: string) {
    super(message);
    this.phase = phase;
    this.code = code;
  }
}

/** The same failure with a phase; one that already has a phase keeps it. */
export function inPhase(phase: Phase, error: unknown): RunError {
  if (error instanceof RunError) return error;
  return new RunError(phase, codeOf(error), messageOf(error));
}

export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.name : 'ERROR';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
