import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InfrastructureError } from '../exit-codes.ts';
import type { CaseInstance } from '../load/catalog.ts';
import { fixtureCertificates } from '../run/certificates.ts';
import type { Evidence } from '../run/evidence.ts';
import type { CaseResult, Failure } from '../run/results.ts';
import { runSuite } from '../run/suite.ts';
import { commandsOf } from './commands.ts';
import type { Double, RecordDouble } from './double.ts';
import { judgeTold } from './judge.ts';

export type GreenCase = { instance: CaseInstance; evidence: Evidence };

/** What became of one double. Maps are by TID, in the order of the panel. */
export type Outcome = {
  double: Double;
  /** Where it did something; null where nobody but the suite can tell. */
  acted: Set<string> | null;
  red: Map<string, Failure[]>;
};

/** Where it did something and no case turned red. */
export function unseenBy({ acted, red }: Outcome): string[] {
  return [...(acted ?? [])].filter((tid) => !red.has(tid));
}

/** Runs the panel against the real programs. @throws InfrastructureError unless all of it is green: nothing else can be told apart from a lie. */
export async function honestRun(panel: CaseInstance[], folder: string): Promise<GreenCase[]> {
  const { results, problems } = await suiteRun(panel, folder, {});
  const red = results.filter(({ status }) => status !== 'passed').map(({ tid }) => tid);
  if (red.length > 0 || problems.length > 0)
    throw new InfrastructureError(
      `without any double not everything is green: ${[...red, ...problems].join(' ')}; npm run suite -- ${red.join(' ')}`,
    );
  return inOrder(panel, results).map(({ instance, attempts }) => ({
    instance,
    evidence: attempts.at(-1)!.evidence!,
  }));
}

/** Judges what a record double would have written; no program runs. */
export function judgedOutcome(double: RecordDouble, green: GreenCase[]): Outcome {
  const acted = new Set<string>();
  const red = new Map<string, Failure[]>();
  for (const { instance, evidence } of green) {
    const failures = judgeTold(double, instance, evidence);
    if (failures === null) continue;
    acted.add(instance.tid);
    if (failures.length > 0) red.set(instance.tid, failures);
  }
  return { double, acted, red };
}

/** Runs the panel with the double in place of its program. */
export async function runOutcome(double: Double, panel: CaseInstance[], folder: string): Promise<Outcome> {
  const commands = commandsOf(double.name, await fixtureCertificates());
  const { results } = await suiteRun(panel, folder, commands, double.waits);
  const ordered = inOrder(panel, results);
  const path = join(folder, 'acted');
  const touched = existsSync(path) ? new Set(readFileSync(path, 'utf8').trim().split('\n')) : null;
  const acted = ordered.filter(({ attempts }) =>
    attempts.some(({ evidence }) => evidence && traces(evidence).some((trace) => touched?.has(trace))),
  );
  const red = ordered.filter(({ status }) => status !== 'passed');
  return {
    double,
    acted: touched && new Set(acted.map(({ tid }) => tid)),
    red: new Map(red.map(({ tid, attempts }) => [tid, attempts.flatMap(({ failures }) => failures)])),
  };
}

/** What a double may have noted of a case: its listener, its clients' addresses, the proxy's address towards the upstream. */
function traces({ listener, clients, records }: Evidence): string[] {
  return [
    listener.name,
    ...clients.flatMap(({ spec, sockets }) => [...sockets, ...(spec.bind === undefined ? [] : [spec.bind])]),
    ...records.flatMap(({ record }) =>
      record.kind === 'h2ctl' || record.upstream_local === null ? [] : [record.upstream_local],
    ),
  ];
}

function suiteRun(panel: CaseInstance[], folder: string, commands: object, waits = false) {
  const usual = Object.keys(commands).length === 0;
  return runSuite(panel, {
    commands,
    workers: waits ? panel.length : 16,
    // A busy machine may be too slow for a time limit of one case: without a double that is no answer yet.
    retries: usual ? 2 : 0,
    retryBudget: 20,
    repeatEach: 1,
    maxFailures: 0,
    direct: false,
    timeScale: 1,
    folder,
  });
}

function inOrder(panel: CaseInstance[], results: CaseResult[]): CaseResult[] {
  const byTid = new Map(results.map((result) => [result.tid, result]));
  return panel.map(({ tid }) => byTid.get(tid)!);
}
