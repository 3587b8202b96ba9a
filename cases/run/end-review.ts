import type { Generation } from './generation.ts';
import { type JudgeOptions, judgement } from './judgement.ts';
import type { AttemptResult, CaseResult } from './results.ts';

export type Judged = { owner: string; result: CaseResult; attempt: AttemptResult };

/** What only the end of a run can tell: orphans, records that came after the verdict, gaps in the file. */
export function reviewEnd(
  generation: Generation,
  judged: Judged[],
  died: boolean,
  problems: string[],
  options: JudgeOptions,
): void {
  for (const { owner, result, attempt } of judged) {
    const records = generation.ledger.recordsOf(owner);
    if (!attempt.evidence || records.length === attempt.evidence.records.length) continue;
    attempt.evidence = {
      ...attempt.evidence,
      records,
      connections: generation.ledger.serverConnectionsOf(owner),
      window: { ...attempt.evidence.window, endMs: Date.now() },
    };
    const { failures } = judgement(result.instance, attempt.evidence, options);
    if (failures.length > 0 && attempt.status === 'passed') turnRed(result, attempt, failures);
  }
  for (const { connId, text } of generation.broken) {
    const owner = connId === null ? null : generation.ledger.ownerOf(connId);
    const entry = judged.find((item) => item.owner === owner);
    if (entry)
      turnRed(entry.result, entry.attempt, [
        { rule: 'invariant.sequence', path: 'seq', expected: text, seen: '' },
      ]);
    else problems.push(text);
  }
  if (!died) problems.push(...generation.ledger.orphans(), ...generation.direct.orphans());
}

function turnRed(result: CaseResult, attempt: AttemptResult, failures: AttemptResult['failures']): void {
  attempt.status = 'failed';
  attempt.failures.push(...failures);
  result.status = 'failed';
  result.flaky = false;
}
