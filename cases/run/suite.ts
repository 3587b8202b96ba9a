import { mkdirSync, rmSync } from 'node:fs';
import { UsageError } from '../exit-codes.ts';
import { unfitFor150 } from '../foreign/configuration.ts';
import { type Dialect, dialectOf } from '../foreign/dialect.ts';
import { type ForeignReport, foreignReport } from '../foreign/foreign-report.ts';
import type { CaseInstance } from '../load/catalog.ts';
import { unmetRequirement } from '../load/requirements.ts';
import { isMeasured, type Plan, type PlannedCase, plan } from '../plan/plan.ts';
import { sourceAddress } from '../plan/source-address.ts';
import { withDirect } from '../transparency/beside.ts';
import { type AttemptEnd, runAttempt } from './attempt.ts';
import { fixtureCertificates } from './certificates.ts';
import type { EarlyServer } from './early-server.ts';
import { type Judged, reviewEnd } from './end-review.ts';
import { startGeneration } from './generation.ts';
import { judge } from './judgement.ts';
import { type ProgramCommands, proxyCommand } from './own-programs.ts';
import { commandOf } from './program.ts';
import { type Item, isLarge, queueOf, repeatedTids } from './queue.ts';
import type { AttemptResult, CaseResult } from './results.ts';

export type SuiteOptions = {
  commands: ProgramCommands;
  /** Started before the cases were read, and used by this run; whoever started it ends it when it is not taken. */
  earlyServer?: EarlyServer;
  /** Cases in flight. */
  workers: number;
  retries: number;
  /** Retries of the whole run. */
  retryBudget: number;
  repeatEach: number;
  /** The run stops after that many failed cases; 0 never. */
  maxFailures: number;
  /** Ends the run early: no further case starts, and what is in flight counts as not run. */
  interruption?: AbortSignal;
  timeScale: number;
  /** Runs each case that allows it without the proxy as well, and compares what both ends saw. */
  direct?: boolean;
  /** Configurations and records of the proxies of this run; emptied first. */
  folder: string;
  /** Every field of the records is needed: a proxy that writes those of 1.50 is refused. */
  currentOnly?: true;
  trace?: (line: string) => void;
  onStart?: (tid: string) => void;
  onResult?: (result: CaseResult, all: CaseResult[]) => void;
};

export type SuiteRun = {
  results: CaseResult[];
  /** What is wrong with the run itself; exit 3. */
  problems: string[];
  durationMs: number;
  /** Of a proxy whose records are those of 1.50. */
  foreign?: ForeignReport;
};

const caseTimeoutMs = 10_000;
/** A proxy that leaves records out must not make the run wait the whole time for each of them. */
const foreignQuietMs = 1500;
/** Sockets of one process: a program may have no more than 1024 descriptors. */
const listenersAtOnce = 400;
/** So many deaths in a row that no case alone can be blamed for, and with no verdict in between, end the run. */
const maxBarrenDeaths = 3;
/** One waits where another works: a bystander's latency is judged by processor time. */
const measuredAtOnce = 2;
const mostLargeAtOnce = 2;

/** Runs every instance and judges it. Skipped and not-run cases are in the results too. */
export async function runSuite(instances: CaseInstance[], options: SuiteOptions): Promise<SuiteRun> {
  const started = Date.now();
  const results: CaseResult[] = [];
  const problems: string[] = [];
  const runnable: CaseInstance[] = [];
  const finish = (result: CaseResult) => {
    results.push(result);
    options.onResult?.(result, results);
  };
  const program = commandOf(options.commands.proxy, [process.execPath]);
  const scenarios = instances.filter(({ scenario }) => scenario !== undefined);
  for (const instance of instances) {
    if (instance.scenario !== undefined) continue;
    const reason = unmetRequirement(instance.requires, program);
    if (reason === null) runnable.push(instance);
    else finish(unrun(instance.tid, instance, 'skipped', reason));
  }
  let dialect: Dialect = 'current';
  let fit = runnable;
  try {
    if (runnable.length > 0 && !isStopped(options, results)) {
      const context = await prepare(options);
      dialect = context.dialect;
      fit = runnable.filter((instance) => {
        const reason = dialect === '1.50' ? unfitFor150(instance) : null;
        if (reason !== null) finish(unrun(instance.tid, instance, 'skipped', reason));
        return reason === null;
      });
      const size = dialect === '1.50' ? listenersAtOnce : Math.max(1, fit.length);
      for (let from = 0; from < fit.length; from += size) {
        const planned = plan(fit.slice(from, from + size), dialect === '1.50');
        const queue = queueOf(planned, options.repeatEach, options.workers);
        await runQueue(queue, planned, context, options, finish, results, problems);
      }
    }
    await runAllScenarios(scenarios, options, finish, results);
  } catch (error) {
    // What fails to start while the run is ended is nobody's fault.
    if (!options.interruption?.aborted) throw error;
  }
  finishUntold(
    [...fit, ...(options.commands.proxy === undefined ? scenarios : [])],
    options,
    finish,
    results,
  );
  const foreign = dialect === '1.50' ? { foreign: foreignReport(results) } : {};
  return { results, problems, durationMs: Date.now() - started, ...foreign };
}

async function runAllScenarios(
  scenarios: CaseInstance[],
  options: SuiteOptions,
  finish: (result: CaseResult) => void,
  results: CaseResult[],
): Promise<void> {
  if (scenarios.length === 0) return;
  if (options.commands.proxy !== undefined) {
    for (const instance of scenarios)
      finish(unrun(instance.tid, instance, 'skipped', 'a scenario starts the proxy of this checkout'));
    return;
  }
  const certificates = await fixtureCertificates();
  const stopped = () => isStopped(options, results);
  const { repeatEach, retries, timeScale, onStart } = options;
  const interrupted = () => options.interruption?.aborted ?? false;
  const all = {
    certificates,
    repeatEach,
    retries,
    timeScale,
    stopped,
    interrupted,
    ...(onStart ? { onStart } : {}),
  };
  const { runScenarios } = await import('../scenarios/run-scenarios.ts');
  await runScenarios(scenarios, all, finish);
}

/** Every run of these that has no result yet was not run. */
function finishUntold(
  instances: CaseInstance[],
  { repeatEach }: SuiteOptions,
  finish: (result: CaseResult) => void,
  results: CaseResult[],
): void {
  const told = new Set(results.map(({ tid }) => tid));
  for (const instance of instances)
    for (const tid of repeatedTids(instance.tid, repeatEach))
      if (!told.has(tid)) finish(unrun(tid, instance, 'not-run', 'the run stopped before it'));
}

/** It was interrupted, or has its fill of failures. */
function isStopped({ interruption, maxFailures }: SuiteOptions, results: CaseResult[]): boolean {
  if (interruption?.aborted) return true;
  return (
    maxFailures > 0 &&
    results.filter(({ status }) => status === 'failed' || status === 'error').length >= maxFailures
  );
}

/** What lasts through all generations of a run. */
type RunContext = {
  certificates: string;
  dialect: Dialect;
  generations: number;
  addresses: number;
  owners: number;
  retriesLeft: number;
};

async function prepare(options: SuiteOptions): Promise<RunContext> {
  const { folder, commands, timeScale } = options;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const certificates = await fixtureCertificates();
  const dialect =
    commands.proxy === undefined
      ? 'current'
      : await dialectOf(proxyCommand(commands.proxy), folder, certificates, timeScale);
  if (options.currentOnly && dialect !== 'current')
    throw new UsageError(
      'the records of this proxy are those of 1.50, which lack the fields this command is about',
    );
  return { certificates, dialect, generations: 0, addresses: 0, owners: 0, retriesLeft: options.retryBudget };
}

async function runQueue(
  queue: Item[],
  { listeners }: Plan,
  context: RunContext,
  options: SuiteOptions,
  finish: (result: CaseResult) => void,
  results: CaseResult[],
  problems: string[],
): Promise<void> {
  const { certificates, dialect } = context;
  let barren = 0;
  let unexplained: string | null = null;
  const interrupted = () => options.interruption?.aborted ?? false;
  const stopped = () => isStopped(options, results);

  while (queue.length > 0 && !stopped()) {
    const generation = await startGeneration({
      number: ++context.generations,
      listeners: [...listeners.values()],
      commands: options.commands,
      folder: options.folder,
      certificates,
      timeScale: options.timeScale,
      dialect,
      ...(options.earlyServer ? { earlyServer: options.earlyServer } : {}),
      ...(options.interruption ? { interruption: options.interruption } : {}),
    });
    let death: string | null = null;
    void generation.died.then(({ text }) => {
      death = text;
    });
    const leftOff: Item[] = [];
    const ends: { item: Item; end: AttemptEnd & { end: 'died' }; durationMs: number }[] = [];
    const judged: Judged[] = [];
    const verdicts = results.length;

    let largeInFlight = 0;
    const counting = new Set<string>();
    // More transfers of 64 MiB at once would only make each other, and everybody else, late.
    const takeNext = (among: (item: Item) => boolean): Item | undefined => {
      const index = queue.findIndex(
        (item) =>
          among(item) &&
          !(largeInFlight >= mostLargeAtOnce && isLarge(item.planned)) &&
          !(item.planned.turn !== null && counting.has(item.planned.turn)),
      );
      const [item] = index === -1 ? [] : queue.splice(index, 1);
      if (item && isLarge(item.planned)) largeInFlight++;
      if (item && item.planned.turn !== null) counting.add(item.planned.turn);
      return item;
    };
    const runNext = async (next: () => Item | undefined): Promise<void> => {
      for (;;) {
        const item = death === null && !stopped() ? next() : undefined;
        if (!item) return;
        const name = `${++context.owners}-${item.tid}`;
        options.onStart?.(item.tid);
        const begun = Date.now();
        const listener = listeners.get(item.planned.listenerKey)!;
        const timeoutMs = timeoutOf(item.planned) * options.timeScale;
        const nextSourceAddress = () => sourceAddress(context.addresses++);
        const attempted = runAttempt(generation, item.planned, {
          owner: name,
          listener,
          bystander: listeners.get(item.planned.bystanderKey ?? '') ?? null,
          timeoutMs,
          timeScale: options.timeScale,
          quietMs: dialect === '1.50' ? foreignQuietMs * options.timeScale : null,
          nextSourceAddress,
        }).catch((error: unknown) => ({ end: 'broken' as const, text: (error as Error).message }));
        const direct = options.direct ? generation.direct : null;
        const beside = { owner: name, timeoutMs, timeScale: options.timeScale, nextSourceAddress };
        const end = await (direct
          ? withDirect(direct, item.planned, listener, beside, attempted)
          : attempted);
        const durationMs = Date.now() - begun;
        if (isLarge(item.planned)) largeInFlight--;
        if (item.planned.turn !== null) counting.delete(item.planned.turn);
        if (end.end === 'died') ends.push({ item, end, durationMs });
        else {
          const attempt = judge(item.planned.instance, end, durationMs, options);
          // The end of the run may be what it lacks.
          if (interrupted() && attempt.status !== 'passed') leftOff.push(item);
          else conclude(item, name, attempt);
        }
      }
    };
    const conclude = (item: Item, name: string, attempt: AttemptResult) => {
      item.attempts.push(attempt);
      if (attempt.status !== 'passed' && item.attempts.length <= options.retries && context.retriesLeft > 0) {
        context.retriesLeft--;
        queue.push(item);
        return;
      }
      const result = resultOf(item);
      if (attempt.ambiguous === undefined) judged.push({ owner: name, result, attempt });
      finish(result);
    };
    // Suspects first and alone, then everything at once.
    await runNext(() => {
      const index = queue.findIndex(({ suspect }) => suspect);
      return index === -1 ? undefined : queue.splice(index, 1)[0];
    });
    // What is measured comes last and nearly alone: its floods would make everybody else late, and they it.
    for (const [among, most] of [
      [(item: Item) => !isMeasured(item.planned.instance), options.workers],
      [(item: Item) => isMeasured(item.planned.instance), Math.min(options.workers, measuredAtOnce)],
    ] as const) {
      const workers = Math.min(most, queue.filter(among).length);
      await Promise.all(Array.from({ length: workers }, () => runNext(() => takeNext(among))));
    }
    await generation.stop();
    reviewEnd(generation, judged, death !== null || interrupted(), problems, options);
    if (interrupted()) {
      queue.unshift(...ends.map(({ item }) => item), ...leftOff);
      break;
    }
    if (death === null) continue;
    const culprits = culpritsOf(ends);
    for (const { item, end, durationMs } of ends) {
      if (culprits.includes(item)) conclude(item, '', judge(item.planned.instance, end, durationMs, options));
      else queue.unshift(Object.assign(item, { suspect: true }));
    }
    // A case found out alone explains the death it shared with others before.
    unexplained =
      culprits.length > 0
        ? null
        : `${death}\n(in flight: ${ends.map(({ item }) => item.tid).join(' ') || 'nothing'})`;
    if (culprits.length > 0) continue;
    barren = results.length > verdicts ? 0 : barren + 1;
    if (barren >= maxBarrenDeaths) break;
  }
  if (unexplained !== null) problems.push(unexplained);
}

/** The only case in flight, or the only one with a connection open, killed the program; of several, nobody knows. */
function culpritsOf(ends: { item: Item; end: AttemptEnd & { end: 'died' } }[]): Item[] {
  const connected = ends.filter(({ end }) => end.connected);
  const suspects = ends.length === 1 ? ends : connected;
  return suspects.length === 1 ? [suspects[0]!.item] : [];
}

function resultOf({ tid, planned, attempts }: Item): CaseResult {
  const last = attempts.at(-1)!;
  if (last.ambiguous !== undefined)
    return unrun(tid, planned.instance, 'skipped', `cannot be correlated: ${last.ambiguous}`);
  return {
    tid,
    instance: planned.instance,
    status: last.status,
    flaky: last.status === 'passed' && attempts.length > 1,
    reason: null,
    durationMs: attempts.reduce((sum, { durationMs }) => sum + durationMs, 0),
    attempts,
  };
}

function unrun(
  tid: string,
  instance: CaseInstance,
  status: 'skipped' | 'not-run',
  reason: string,
): CaseResult {
  return { tid, instance, status, flaky: false, reason, durationMs: 0, attempts: [] };
}

/** A client that is meant to wait long gets its time, and some for the rest. */
function timeoutOf({ clients }: PlannedCase): number {
  return Math.max(caseTimeoutMs, ...clients.map(({ spec }) => (spec.timeoutMs ?? 0) + 2000));
}
