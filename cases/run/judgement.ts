import { verifyForeign } from '../foreign/verify-foreign.ts';
import type { CaseInstance } from '../load/catalog.ts';
import { verify } from '../verify/verify.ts';
import type { AttemptEnd } from './attempt.ts';
import type { Evidence } from './evidence.ts';
import type { AttemptResult } from './results.ts';

export type JudgeOptions = { timeScale: number; trace?: (line: string) => void };

/** What an attempt's end amounts to. */
export function judge(
  instance: CaseInstance,
  end: AttemptEnd | { end: 'broken'; text: string },
  durationMs: number,
  options: JudgeOptions,
): AttemptResult {
  if (end.end === 'broken') {
    return { status: 'error', durationMs, failures: [died(end.text)], evidence: null };
  }
  const { failures, ...told } = judgement(instance, end.evidence, options);
  if (end.end === 'died') {
    return { status: 'error', durationMs, failures: [died(end.text), ...failures], evidence: end.evidence };
  }
  if (end.end === 'timeout') {
    const missing = end.missing.join('; ') || 'nothing was missing, but it came too late';
    failures.unshift({
      rule: 'settled',
      path: '',
      expected: 'every connection told to its end in time',
      seen: missing,
    });
  }
  return {
    status: failures.length === 0 ? 'passed' : 'failed',
    durationMs,
    failures,
    evidence: end.evidence,
    ...told,
  };
}

export function judgement(
  instance: CaseInstance,
  evidence: Evidence,
  { timeScale, trace }: JudgeOptions,
): Pick<AttemptResult, 'failures' | 'untold' | 'ambiguous'> {
  if (evidence.correlation) return verifyForeign(instance, evidence, timeScale, trace);
  return { failures: verify(instance, evidence, timeScale, trace) };
}

function died(text: string) {
  return { rule: 'program', path: '', expected: 'a program that lives', seen: text };
}
