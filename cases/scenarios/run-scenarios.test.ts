import { expect, test } from 'vitest';
import { fixtureCertificates } from '../run/certificates.ts';
import type { CaseResult } from '../run/results.ts';
import { runScenarios } from './run-scenarios.ts';
import { scenarioInstance } from './scenario-instance.ts';

async function results(scenario: string, finding: string | null, interrupted = false): Promise<CaseResult[]> {
  const place = { area: 'scenarios', file: 'x.yaml', line: 1, pointer: '' };
  const told = { tid: 'scenario_x', title: 'x', scenario, expect: { finding } };
  const certificates = await fixtureCertificates();
  const common = { certificates, timeScale: 1, stopped: () => false, interrupted: () => interrupted };
  const finished: CaseResult[] = [];
  await runScenarios([scenarioInstance(told, place)], { ...common, repeatEach: 1, retries: 0 }, (result) => {
    finished.push(result);
  });
  return finished;
}

test('a scenario is judged by its checks and its finding', async () => {
  expect(await results('D.healthy', null)).toMatchObject([{ tid: 'scenario_x', status: 'passed' }]);
  const [wrong] = await results('D.healthy', 'no-such-finding');
  expect(wrong).toMatchObject({ status: 'failed', attempts: [{ failures: [{ rule: 'finding' }] }] });
}, 60_000);

test('one that is not there is an error with its own words, and none where a signal may have ended it', async () => {
  const [gone] = await results('D.gone', null);
  expect(gone!.status).toBe('error');
  expect(gone!.attempts[0]!.failures[0]!.seen).toContain('there is no scenario D.gone');
  expect(await results('D.gone', null, true)).toEqual([]);
});
