import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.ts';
import { runChild } from './children.ts';
import { judgeFloors } from './floors.ts';
import { judge } from './goals.ts';
import { loader } from './load/load.ts';
import type { Options } from './options.ts';
import { profileWorks } from './profiling.ts';
import { compareReports, comparisonText, parseReport, worseBeyond } from './report/compare.ts';
import { reportHtml } from './report/html.ts';
import { painter, reportText } from './report/text.ts';
import { haproxyInstalled } from './subjects/haproxy.ts';
import { everyone, names, type Stack, type StackId, startStack } from './subjects/stack.ts';
import type { Figure, Report, Verdict } from './types.ts';
import { works } from './works/index.ts';

/** The exit code. `folder` is this run's own; whoever made it removes it. */
export async function main(options: Options, folder: string): Promise<number> {
  // Before minutes of work that an unreadable baseline or an unwritable page would waste.
  const before = options.compare === undefined ? null : readBaseline(options.compare);
  if (options.html !== undefined) writeFileSync(options.html, '');
  const notes: string[] = [];
  const { bench, stop } = await startBench(options, folder, notes);
  if (options.profile !== undefined) {
    await profileWorks(options.only, bench, options.profile);
    return 0;
  }
  const figures: Figure[] = [];
  let broken = 0;
  for (const name of options.only) {
    try {
      figures.push(...(await works[name]!.measure(bench)));
    } catch (error) {
      // Minutes of other works are worth printing; the exit code tells.
      notes.push(`${name} broke: ${(error as Error).message}`);
      broken++;
    }
  }
  await stop();
  bench.progress('');
  const verdicts = options.ci ? judgeFloors(figures, options.only) : judge(figures, options.only);
  const report = reportOf(options, figures, verdicts, notes);
  print(report, options);
  const missed = options.ci && verdicts.some(({ met }) => met === false);
  const worse = before !== null && compare(before, report, options);
  return broken > 0 || missed || worse ? 1 : 0;
}

/** What the works get, and how to end what they started. */
async function startBench(
  options: Options,
  folder: string,
  notes: string[],
): Promise<{ bench: Bench; stop: () => Promise<void> }> {
  const certs = await issueCertificates(folder);
  const stacks = new Map<StackId, Promise<Stack>>();
  const wanted = options.ci ? [names.blind, names.proxy] : everyone;
  if (!options.ci && !haproxyInstalled) {
    notes.push('HAProxy is not installed: goals that need it were not judged');
  }
  const bench: Bench = {
    effort: options.effort,
    rounds: options.rounds,
    folder,
    certs,
    nodeFlags: [],
    stack(id) {
      if (!stacks.has(id)) stacks.set(id, startStack(id, certs, folder, wanted));
      return stacks.get(id)!;
    },
    progress,
    note: (text) => notes.push(text),
  };
  return {
    bench,
    async stop() {
      for (const stack of stacks.values()) await (await stack).stop();
    },
  };
}

function reportOf(options: Options, figures: Figure[], verdicts: Verdict[], notes: string[]): Report {
  const [cpu] = cpus();
  return {
    schema: 'wiretracer-bench/1',
    machine: {
      cpus: cpus().length,
      model: cpu?.model ?? 'unknown',
      node: process.versions.node,
      loader,
    },
    effort: options.effort,
    rounds: options.rounds,
    figures,
    verdicts,
    notes,
  };
}

function print(report: Report, options: Options): void {
  const titles = Object.fromEntries(Object.entries(works).map(([name, work]) => [name, work.title]));
  if (options.html !== undefined) writeFileSync(options.html, reportHtml(report, titles));
  const colours = process.stdout.isTTY === true && !process.env.NO_COLOR;
  console.log(options.json ? JSON.stringify(report, null, 2) : reportText(report, titles, painter(colours)));
}

/** Whether something is worse than tolerated. Beside the report: on stderr where stdout is JSON. */
function compare(before: Report, report: Report, options: Options): boolean {
  const comparisons = compareReports(before, report);
  const say = options.json ? console.error : console.log;
  say(`\n${comparisonText(comparisons, options.compare!)}`);
  if (options.tolerance === undefined) return false;
  const worse = worseBeyond(comparisons, options.tolerance);
  if (worse.length > 0) say(`${worse.length} worse than before by more than ${options.tolerance}`);
  return worse.length > 0;
}

function readBaseline(path: string): Report {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`cannot read the baseline: ${(error as Error).message}`);
  }
  return parseReport(text, path);
}

async function issueCertificates(folder: string): Promise<string> {
  const certs = join(folder, 'certs');
  const script = join(dirname(fileURLToPath(import.meta.url)), '../certificates.ts');
  await runChild(process.execPath, [script, '--out', certs]);
  return certs;
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
