import { appendFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { expectInterruption } from '../interruption.ts';
import { cachedCatalog } from '../load/cached-catalog.ts';
import type { CaseInstance } from '../load/catalog.ts';
import { annotations } from '../report/annotations.ts';
import { caseReport, mergeCaseReports } from '../report/case-report.ts';
import { consoleReport, standardOutput } from '../report/console.ts';
import { counted } from '../report/counted.ts';
import { writeEvidence } from '../report/evidence-folder.ts';
import { readCases, reportFiles, writeReports } from '../report/files.ts';
import { lastRun, readLastRun } from '../report/last-run.ts';
import { latestFile } from '../report/latest-file.ts';
import { summaryMarkdown, summaryOf } from '../report/summary.ts';
import type { EarlyServer } from '../run/early-server.ts';
import type { CaseResult } from '../run/results.ts';
import { runSuite, type SuiteRun } from '../run/suite.ts';
import { shard, shuffle } from '../select/order.ts';
import { select } from '../select/selectors.ts';
import { catalog, type RunOptions } from './options.ts';

/** The plain command: select, run, report. Gives the exit code. */
export async function runCommand(
  selectors: string[],
  given: RunOptions,
  earlyServer: EarlyServer | null,
): Promise<number> {
  const selected = await selectCases(given.explain === undefined ? selectors : [given.explain], given);
  // Looking into one case must not forget what else the last run found.
  const options = given.explain === undefined ? given : { ...given, out: join(given.out, 'explain') };
  if (options.list !== undefined) return list(selected, options.list);
  if (selected.length === 0) return nothingToRun(options);
  const seed = options.shuffle ? (options.seed ?? Math.floor(Math.random() * 2 ** 31)) : null;
  const ordered = seed === null ? selected : shuffle(selected, seed);
  const extra = rerunFlags(options);
  const screen = consoleReport(standardOutput(), ordered.length * options.repeatEach, seed, extra);
  const explained: string[] = [];
  const state = latestFile(join(options.out, reportFiles.lastRun));
  const interruption = expectInterruption();
  const run = await runSuite(ordered, {
    ...suiteOptions(options),
    ...(earlyServer ? { earlyServer } : {}),
    interruption: interruption.signal,
    ...(options.explain === undefined ? {} : { trace: (line) => void explained.push(line) }),
    onStart: screen.start,
    onResult: (result, results) => {
      screen.result(result);
      state.update(() => lastRunText(ordered, results, seed, options));
    },
    // Also where the run ends for a reason of its own: what it found is taken up by the next.
  }).finally(state.settled);
  state.update(() => lastRunText(ordered, run.results, seed, options));
  await state.settled();
  if (options.explain !== undefined) explain(run.results, explained);
  report(run, seed, options, extra);
  screen.end(run);
  if (interruption.signal.aborted) {
    const left = run.results.filter(({ status }) => status === 'not-run').length;
    process.stderr.write(
      `interrupted with ${counted(left, 'case')} not run; --last-failed takes up from here\n`,
    );
    return interruption.exitCode();
  }
  return exitCode(run, options);
}

/** @throws UsageError for a wrong catalogue, an unknown name, an unreadable last run. */
export async function selectCases(selectors: string[], options: RunOptions): Promise<CaseInstance[]> {
  const all = await cachedCatalog(resolve(options.cases));
  let cases = select(all, selectors);
  if (options.lastFailed !== undefined) {
    const path = options.lastFailed === true ? join(options.out, reportFiles.lastRun) : options.lastFailed;
    const wanted = readLastRun(path);
    // A scenario that failed is meant too, though it is left out where nothing is named.
    if (selectors.every((selector) => selector.startsWith('!'))) cases = select(all, ['*', ...selectors]);
    const unknown = wanted.find((tid) => !all.some((instance) => instance.tid === tid));
    if (unknown !== undefined) throw new UsageError(`${path} names ${unknown}, which is no case any more`);
    cases = cases.filter(({ tid }) => wanted.includes(tid));
  }
  return options.shard === undefined ? cases : shard(cases, options.shard);
}

export function suiteOptions(options: RunOptions) {
  return {
    commands: {
      ...(options.proxyCmd === undefined ? {} : { proxy: options.proxyCmd }),
      ...(options.faultServerCmd === undefined ? {} : { faultServer: options.faultServerCmd }),
      ...(options.faultClientCmd === undefined ? {} : { faultClient: options.faultClientCmd }),
    },
    workers: options.workers,
    retries: options.retries,
    retryBudget: options.retryBudget,
    repeatEach: options.repeatEach,
    maxFailures: options.x ? 1 : options.maxFailures,
    timeScale: options.timeScale,
    direct: options.direct,
    folder: resolve(options.out, 'run'),
  };
}

/** What a case injects, and by which program. */
function faultsOf({ upstream, client, clients = [] }: CaseInstance): { program: string; id: string }[] {
  const server = typeof upstream === 'string' ? [] : [upstream.fault];
  const ofClients = [client, ...clients].map((one) => one?.fault);
  const named = (program: string, faults: ({ id: string } | undefined)[]) =>
    faults.flatMap((fault) => (fault ? [{ program, id: fault.id }] : []));
  return [...named('fault-server', server), ...named('fault-client', ofClients)];
}

function list(cases: CaseInstance[], format: true | string): number {
  if (format === 'json') {
    const rows = cases.map((instance) => {
      const { tid, title, file, line, area, tags } = instance;
      return { tid, title, file, line, area, tags, faults: faultsOf(instance) };
    });
    process.stdout.write(`${JSON.stringify(rows, null, 1)}\n`);
  } else {
    for (const { tid, title, tags } of cases) {
      process.stdout.write(`${tid}  ${title}${tags.map((tag) => ` @${tag}`).join('')}\n`);
    }
    process.stdout.write(`${counted(cases.length, 'case')}\n`);
  }
  return exitCodes.ok;
}

/** After a green run there is nothing to take up again; any other empty selection is a mistake. */
function nothingToRun(options: RunOptions): number {
  if (options.lastFailed !== undefined) {
    process.stdout.write('nothing failed the last time\n0 passed, 0 failed\n');
    return exitCodes.ok;
  }
  process.stderr.write('no case is selected\n');
  return exitCodes.nothingRan;
}

function lastRunText(
  planned: CaseInstance[],
  results: CaseResult[],
  seed: number | null,
  options: RunOptions,
): string {
  const content = lastRun(
    planned.map(({ tid }) => tid),
    results,
    seed,
    options.shard ?? null,
  );
  return `${JSON.stringify(content, null, 1)}\n`;
}

function report(run: SuiteRun, seed: number | null, options: RunOptions, extra: string[]): void {
  const own = run.results.map(caseReport);
  const cases = options.lastFailed === undefined ? own : mergeCaseReports(readCases(options.out), own);
  const summary = summaryOf(cases, run.problems, run.durationMs, seed, run.foreign);
  writeReports(options.out, summary);
  const evidence = join(options.out, 'evidence');
  rmSync(evidence, { recursive: true, force: true });
  for (const result of run.results) {
    const red = result.status === 'failed' || result.status === 'error';
    if (options.keep === 'all' || (options.keep === 'failed' && red)) writeEvidence(evidence, result, extra);
  }
  if (process.env.GITHUB_ACTIONS) for (const line of annotations(own)) process.stdout.write(`${line}\n`);
  if (process.env.GITHUB_STEP_SUMMARY)
    appendFileSync(process.env.GITHUB_STEP_SUMMARY, summaryMarkdown(summary));
}

function explain(results: CaseResult[], trace: string[]): void {
  for (const { attempts } of results) {
    for (const { record, line, raw } of attempts.at(-1)?.evidence?.records ?? []) {
      process.stdout.write(`${line}: ${JSON.stringify(raw ?? record)}\n`);
    }
  }
  for (const line of trace) process.stdout.write(`${line}\n`);
}

function exitCode({ results, problems }: SuiteRun, options: RunOptions): number {
  if (problems.length > 0) return exitCodes.infrastructure;
  if (results.some(({ status }) => status === 'failed' || status === 'error')) return exitCodes.failures;
  const ran = results.filter(({ status }) => status === 'passed').length;
  if (ran < options.min) return exitCodes.nothingRan;
  if (options.failOnFlaky && results.some(({ flaky }) => flaky)) return exitCodes.flaky;
  return exitCodes.ok;
}

/** The flags without which the case would not run the same. */
function rerunFlags(options: RunOptions): string[] {
  return [
    ...(resolve(options.cases) === resolve(catalog) ? [] : ['--cases', options.cases]),
    ...(options.proxyCmd === undefined ? [] : ['--proxy-cmd', options.proxyCmd]),
    ...(options.timeScale === 1 ? [] : ['--time-scale', String(options.timeScale)]),
  ];
}
