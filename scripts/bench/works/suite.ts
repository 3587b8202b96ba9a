/** The original's 35 cases, and all cases, as a user runs them. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { runChild } from '../children.ts';
import { programs } from '../subjects/subject.ts';
import type { Figure } from '../types.ts';

export const title = "the suite: the original's 35 cases, and what a case costs among all";
export const profiled = false;

const bin = join(programs, '../../../cases/bin.mjs');

export async function measure(bench: Bench): Promise<Figure[]> {
  const own = (metric: string, unit: string): Figure => ({
    work: 'suite',
    subject: 'suite',
    metric,
    unit,
    better: 'less',
    values: [],
  });
  const wall = own('@original, wall time', 's');
  const inner = own('@original, cases alone', 's');
  const perCase = own('all cases, each', 'ms');
  const rounds = Math.min(3, bench.rounds);
  for (let round = 1; round <= rounds; round++) {
    bench.progress(`suite: @original, round ${round} of ${rounds}`);
    const run = await runSuite(bench, ['@original']);
    wall.values.push(run.wallSeconds);
    inner.values.push(run.seconds);
  }
  if (bench.effort < 0.5) return [wall, inner];
  bench.progress('suite: all cases');
  const all = await runSuite(bench, []);
  perCase.values.push((all.seconds * 1000) / all.cases);
  bench.note(`suite: all ${all.cases} cases took ${all.wallSeconds.toFixed(1)} s`);
  return [wall, inner, perCase];
}

type Run = {
  /** Of the whole command. */
  wallSeconds: number;
  /** From the first case to the last, as the summary tells. */
  seconds: number;
  cases: number;
};

async function runSuite(bench: Bench, selectors: string[]): Promise<Run> {
  const out = join(bench.folder, 'suite');
  const path = join(out, 'summary.json');
  rmSync(path, { force: true });
  const started = performance.now();
  // A red case is the suite's matter; a time limit struck because of the load beside it still has its time.
  await runChild(process.execPath, [bin, ...selectors, '--out', out, '--keep', 'none'], {}, [0, 1]);
  const wallSeconds = (performance.now() - started) / 1000;
  if (!existsSync(path)) {
    throw new Error(`the suite wrote no summary; see "npm run suite -- ${selectors.join(' ')}"`);
  }
  const summary = JSON.parse(readFileSync(path, 'utf8')) as {
    durationMs: number;
    counts: Record<string, number>;
    cases: unknown[];
  };
  const { passed = 0, skipped = 0 } = summary.counts;
  const red = summary.cases.length - passed - skipped;
  if (red > 0) bench.note(`suite ${selectors.join(' ')}: ${red} of ${summary.cases.length} cases were red`);
  return { wallSeconds, seconds: summary.durationMs / 1000, cases: summary.cases.length };
}
