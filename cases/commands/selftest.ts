import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../exit-codes.ts';
import { runSuite } from '../run/suite.ts';
import { loadEquivalents } from '../selftest/equivalents.ts';
import { type Score, score } from '../selftest/score.ts';
import type { RunOptions } from './options.ts';
import { selectCases, suiteOptions } from './run.ts';

/** Below this share of falsifications turned red the suite does not prove what it says. */
const target = 0.98;

export async function selftestCommand(selectors: string[], options: RunOptions): Promise<number> {
  const selected = await selectCases(selectors, options);
  if (selected.length === 0) {
    process.stderr.write('no case is selected\n');
    return exitCodes.nothingRan;
  }
  const run = await runSuite(selected, suiteOptions(options));
  const green = run.results.flatMap(({ instance, status, attempts }) => {
    const evidence = attempts.at(-1)?.evidence;
    return status === 'passed' && evidence ? [{ instance, evidence }] : [];
  });
  if (green.length === 0) {
    process.stderr.write('no case passed, so there is nothing to falsify; run the suite first\n');
    return exitCodes.nothingRan;
  }
  const equivalents = loadEquivalents();
  const result = score(green, equivalents, options.timeScale);
  writeFileSync(
    join(options.out, 'selftest.json'),
    `${JSON.stringify({ ...result, byCase: Object.fromEntries(result.byCase) }, null, 1)}\n`,
  );
  for (const line of lines(result, green.length, run.results.length)) process.stdout.write(`${line}\n`);
  for (const unused of selectors.length > 0 ? [] : equivalents.unused())
    process.stdout.write(`warning: equivalents.yaml: nothing survives ${unused}\n`);
  return ratio(result) >= target ? exitCodes.ok : exitCodes.failures;
}

function ratio({ killed, survived }: Score): number {
  return killed / Math.max(1, killed + survived);
}

function lines(result: Score, green: number, all: number): string[] {
  const { killed, survived, equivalent, survivors } = result;
  return [
    `falsified the records of ${green} green cases${green < all ? ` (${all - green} others were not green)` : ''}`,
    ...survivors.map(({ group, count, example }) => `survived ${count} × ${group}   e.g. ${example}`),
    `mutation score ${(100 * ratio(result)).toFixed(2)} %: ${killed} of ${killed + survived} turned red; ${equivalent} equivalent; target ${100 * target} %`,
  ];
}
