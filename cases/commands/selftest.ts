import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../exit-codes.ts';
import { counted } from '../report/counted.ts';
import { runSuite } from '../run/suite.ts';
import { loadEquivalents } from '../selftest/equivalents.ts';
import { type Score, score } from '../selftest/score.ts';
import type { RunOptions } from './options.ts';
import { selectCases, suiteOptions } from './run.ts';

/** `minScore`: percent; below it the suite does not prove what it says. */
export type SelftestOptions = RunOptions & { minScore: number };

export async function selftestCommand(selectors: string[], options: SelftestOptions): Promise<number> {
  const selected = await selectCases(selectors, options);
  if (selected.length === 0) {
    process.stderr.write('no case is selected\n');
    return exitCodes.nothingRan;
  }
  process.stderr.write(`running ${counted(selected.length, 'case')}\n`);
  const run = await runSuite(selected, { ...suiteOptions(options), currentOnly: true, direct: false });
  const green = run.results.flatMap(({ instance, status, attempts }) => {
    const evidence = attempts.at(-1)?.evidence;
    return status === 'passed' && evidence ? [{ instance, evidence }] : [];
  });
  if (green.length === 0) {
    process.stderr.write('no case passed, so there is nothing to falsify; run the suite first\n');
    return exitCodes.nothingRan;
  }
  const equivalents = loadEquivalents();
  const result = await score(green, equivalents, options.timeScale, progress(green.length));
  writeFileSync(
    join(options.out, 'selftest.json'),
    `${JSON.stringify({ ...result, byCase: Object.fromEntries(result.byCase) }, null, 1)}\n`,
  );
  for (const line of lines(result, green.length, run.results.length, options.minScore))
    process.stdout.write(`${line}\n`);
  for (const unused of selectors.length > 0 ? [] : equivalents.unused())
    process.stdout.write(`warning: equivalents.yaml: nothing survives ${unused}\n`);
  return 100 * ratio(result) >= options.minScore ? exitCodes.ok : exitCodes.failures;
}

function ratio({ killed, survived }: Score): number {
  return killed / Math.max(1, killed + survived);
}

function lines(result: Score, green: number, all: number, target: number): string[] {
  const { killed, survived, excused, leftOut, survivors } = result;
  return [
    `falsified the records of ${counted(green, 'green case')}${green < all ? ` (${counted(all - green, 'other')} not green)` : ''}`,
    ...survivors.map(({ group, count, example }) => `survived ${count} × ${group}   e.g. ${example}`),
    `mutation score ${(100 * ratio(result)).toFixed(2)} %: ${killed} of ${killed + survived} turned red; target ${target} %`,
    `${excused} more are excused by equivalents.yaml; with them it is ${((100 * killed) / Math.max(1, killed + survived + excused)).toFixed(2)} %`,
    ...(leftOut > 0
      ? [`${counted(leftOut, 'falsification')} left out: of many records of one kind, a few are falsified`]
      : []),
  ];
}

/** Tells every twentieth part of the way. */
function progress(all: number): (done: number) => void {
  const step = Math.max(1, Math.ceil(all / 20));
  return (done) => {
    if (done % step === 0 || done === all)
      process.stderr.write(`falsified ${done} of ${counted(all, 'case')}\n`);
  };
}
