import type { CaseInstance } from '../load/catalog.ts';
import type { Mismatch } from '../verify/match.ts';
import type { Evidence } from './evidence.ts';

/** One broken expectation: the rule that broke, where, what was asked for, what was there. */
export type Failure = {
  rule: string;
  path: string;
  expected: string;
  seen: unknown;
  /** Of a rule that matched nothing: the fact that came nearest, what it differs in, whether another rule matches it. */
  nearest?: {
    pattern: Record<string, unknown>;
    fact: Record<string, unknown>;
    mismatches: Mismatch[];
    isTaken: boolean;
  };
};

export type AttemptResult = {
  /** `error`: the harness or a program failed, not an expectation. */
  status: 'passed' | 'failed' | 'error';
  durationMs: number;
  failures: Failure[];
  evidence: Evidence | null;
  /** What this proxy's records do not tell: fields, and how many expectations of each were not judged. */
  untold?: ReadonlyMap<string, number>;
  /** Why the records could not be given to the clients of the case: no verdict. */
  ambiguous?: string;
};

export type CaseResult = {
  /** The TID; with --repeat-each `tid#2` and so on. */
  tid: string;
  instance: CaseInstance;
  status: 'passed' | 'failed' | 'error' | 'skipped' | 'not-run';
  /** Passed, but not at once. */
  flaky: boolean;
  /** Why it was skipped or not run. */
  reason: string | null;
  durationMs: number;
  attempts: AttemptResult[];
};
