import { fileURLToPath } from 'node:url';
import { loadKnownDifferences } from '../compare/known-differences.ts';
import { modePairs } from '../compare/pairs.ts';
import { project } from '../compare/projection.ts';
import { compareExitCode, comparePair } from '../compare/verdict.ts';
import { exitCodes } from '../exit-codes.ts';
import { caseReport } from '../report/case-report.ts';
import { counted } from '../report/counted.ts';
import { writeReports } from '../report/files.ts';
import { summaryOf } from '../report/summary.ts';
import { runSuite } from '../run/suite.ts';
import type { RunOptions } from './options.ts';
import { selectCases, suiteOptions } from './run.ts';

const knownFile = fileURLToPath(new URL('../compare/known-differences.yaml', import.meta.url));

/** Runs both modes of every gRPC case without retries and diffs what was recorded. */
export async function compareCommand(selectors: string[], options: RunOptions): Promise<number> {
  const pairs = modePairs(await selectCases(selectors, options));
  if (pairs.length === 0) {
    process.stderr.write('no case has grpc and grpc_native in its matrix\n');
    return exitCodes.nothingRan;
  }
  const known = loadKnownDifferences(knownFile);
  const instances = pairs.flatMap(({ native, emulated }) => [native, emulated]);
  const run = await runSuite(instances, {
    ...suiteOptions(options),
    retries: 0,
    repeatEach: 1,
    currentOnly: true,
    direct: false,
  });
  writeReports(options.out, summaryOf(run.results.map(caseReport), run.problems, run.durationMs, null));
  const evidence = new Map(run.results.map(({ tid, attempts }) => [tid, attempts.at(-1)?.evidence ?? null]));
  let [unknown, explained] = [0, 0];
  for (const { tid, native, emulated } of pairs) {
    const [left, right] = [evidence.get(native.tid), evidence.get(emulated.tid)];
    if (!left || !right) continue;
    const verdict = comparePair(tid, project(left), project(right), known);
    unknown += verdict.unknown;
    explained += verdict.known;
    for (const line of verdict.lines) process.stdout.write(`${line}\n`);
  }
  if (selectors.length === 0)
    for (const entry of known.unused())
      process.stdout.write(`warning: known-differences.yaml: unused ${entry}\n`);
  for (const problem of run.problems) process.stdout.write(`run ${problem}\n`);
  const red = run.results.filter(({ status }) => status === 'failed' || status === 'error');
  for (const { tid, attempts } of red)
    process.stdout.write(`FAIL ${tid} ${attempts.at(-1)?.failures[0]?.rule ?? ''}\n`);
  process.stdout.write(
    `${counted(pairs.length, 'case')} in both modes, ${explained} known and ${unknown} unknown differences, ${red.length} failed\n`,
  );
  return compareExitCode(run.problems.length, unknown, red.length);
}
