/**
 * Runs every double over the panel and compares the cases that it turned red with those `named.yaml` names; exits 1 when
 * they differ, when a double was wrong somewhere and no case saw it, or when the table in cases/README.md is out of date.
 *
 *   npm run doubles                    all of them
 *   npm run doubles -- rst-as-fin      one
 *   npm run doubles -- --brief         those that are judged on records, and one of each kind of those that run
 *   npm run doubles -- --write         writes down what was found instead, and the table
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
// An interruption ends the programs of the run too.
import '../interruption.ts';
import { exitCodes, InfrastructureError, UsageError } from '../exit-codes.ts';
import { type CaseInstance, loadCatalog } from '../load/catalog.ts';
import type { Double } from './double.ts';
import { groups } from './groups.ts';
import { mistakesOf } from './mistakes.ts';
import { type Named, readNamed, writeNamed } from './named.ts';
import { panel } from './panel.ts';
import { recordDoubles } from './records/all.ts';
import { honestRun, judgedOutcome, type Outcome, runOutcome, unseenBy } from './run.ts';
import { renewedReadme, writeReadme } from './table.ts';
import { wordsOf } from './words.ts';

const out = resolve('reports/doubles');
/** One of each kind of those that run. */
const inBrief = [
  'byte-flipped',
  'trailers-lost',
  'tlvs-dropped',
  'nothing-redacted',
  'sequence-gaps',
  'fault-claimed',
  'success-claimed',
];
const names = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const writes = process.argv.includes('--write');
const brief = process.argv.includes('--brief');

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof InfrastructureError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.infrastructure;
}

async function main(): Promise<number> {
  const doubles = selected();
  const cases = await panelCases();
  const named = readNamed(panel);
  let wrong = 0;
  const conclude = (outcome: Outcome) => {
    const { double, red } = outcome;
    if (writes) {
      named.set(double.name, namedBy(outcome));
      writeNamed(inOrder(named), panel);
    }
    const mistakes = mistakesOf(outcome, named.get(double.name));
    if (mistakes.length > 0) wrong++;
    const mark = mistakes.length > 0 ? 'FAIL' : 'ok  ';
    console.log(`${mark} ${double.name} turned ${red.size} of ${panel.length} red`);
    for (const mistake of mistakes) console.log(`       ${mistake}`);
  };
  const judged = recordDoubles.filter((double) => doubles.includes(double));
  if (judged.length > 0) {
    const green = await honestRun(cases, resolve(out, 'honest'));
    for (const double of judged) conclude(judgedOutcome(double, green));
  }
  const waiting = doubles.filter((double) => !judged.includes(double as never));
  const worker = async () => {
    for (let double = waiting.shift(); double; double = waiting.shift()) {
      const run = () => runOutcome(double!, cases, resolve(out, double!.name));
      let outcome = await run();
      // A machine that was too busy turns others red too, but not twice the same.
      for (let again = 0; again < 2 && !asNamed(outcome, named); again++) outcome = await run();
      conclude(outcome);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  const readme = renewedReadme(groups, named, panel.length);
  if (readme !== null && writes) writeReadme(readme);
  else if (readme !== null) {
    wrong++;
    console.log('FAIL cases/README.md does not show the doubles there are: npm run doubles -- --write');
  }
  console.log(`${doubles.length} doubles, ${wrong} of them not as named`);
  return wrong > 0 ? exitCodes.failures : exitCodes.ok;
}

function asNamed(outcome: Outcome, named: Map<string, Named>): boolean {
  const expected = writes ? namedBy(outcome) : named.get(outcome.double.name);
  return mistakesOf(outcome, expected).length === 0;
}

function selected(): Double[] {
  const all = groups.flatMap(({ doubles }) => doubles);
  const unknown = names.find((name) => !all.some((double) => double.name === name));
  if (unknown !== undefined) throw new UsageError(`no double is named ${unknown}`);
  if (names.length > 0) return all.filter(({ name }) => names.includes(name));
  return brief ? all.filter((double) => judgedOnRecords(double) || inBrief.includes(double.name)) : all;
}

function judgedOnRecords(double: Double): boolean {
  return recordDoubles.some((one) => one === double);
}

async function panelCases(): Promise<CaseInstance[]> {
  const byTid = new Map(
    (await loadCatalog(resolve('cases/catalog'))).map((instance) => [instance.tid, instance]),
  );
  const gone = panel.filter((tid) => !byTid.has(tid));
  if (gone.length > 0) throw new UsageError(`panel.ts names cases that are not there: ${gone.join(' ')}`);
  return panel.map((tid) => byTid.get(tid)!);
}

function namedBy(outcome: Outcome): Named {
  const { red, double } = outcome;
  const [failures = []] = red.values();
  const unseen = double.unseen === undefined ? [] : unseenBy(outcome);
  return { red: [...red.keys()], unseen, words: failures.length > 0 ? wordsOf(failures[0]!) : '' };
}

/** As the groups list them; those that are no more are left out. */
function inOrder(named: Map<string, Named>): Map<string, Named> {
  return new Map(
    groups.flatMap(({ doubles }) =>
      doubles.flatMap(({ name }): [string, Named][] => (named.has(name) ? [[name, named.get(name)!]] : [])),
    ),
  );
}
