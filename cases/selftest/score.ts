import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { CaseInstance } from '../load/catalog.ts';
import type { Evidence } from '../run/evidence.ts';
import type { Equivalents } from './equivalents.ts';
import type { ThreadAnswer, ThreadTask } from './judge-thread.ts';
import type { Falsification } from './mutants.ts';

export type GreenCase = { instance: CaseInstance; evidence: Evidence };

export type Score = {
  killed: number;
  survived: number;
  /** Survivors of which `equivalents.yaml` says why no witness can know. */
  excused: number;
  /** Falsifications that a large case left out, so many are of one kind. */
  leftOut: number;
  /** Survivors by kind, mutation and field, most frequent first. */
  survivors: Group[];
  /** The excused, the same way. */
  excuses: Group[];
  /** Surviving falsifications by case. */
  byCase: Map<string, number>;
};

type Group = { group: string; count: number; example: string };

/**
 * Judges the falsifications of every green case, the largest first, on every processor. `onJudged` is told how many
 * cases are done.
 */
export async function score(
  cases: GreenCase[],
  equivalents: Equivalents,
  timeScale: number,
  onJudged: (done: number) => void = () => {},
): Promise<Score> {
  const waiting = cases.map((_, index) => index);
  waiting.sort((left, right) => cases[right]!.evidence.records.length - cases[left]!.evidence.records.length);
  const tally = emptyTally(equivalents);
  let done = 0;
  const thread = async () => {
    const worker = new Worker(new URL('./judge-thread.ts', import.meta.url));
    try {
      for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
        const { instance, evidence } = cases[index]!;
        const sibling = siblingOf(cases, index);
        const task = { instance, evidence: plain(evidence), sibling: sibling && plain(sibling), timeScale };
        tally.add(instance.tid, await answer(worker, task));
        onJudged(++done);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), cases.length) }, thread));
  return tally.score();
}

function answer(worker: Worker, task: ThreadTask): Promise<ThreadAnswer> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (verdict: ThreadAnswer) => {
      worker.off('error', reject);
      resolve(verdict);
    });
    worker.postMessage(task);
  });
}

function emptyTally(equivalents: Equivalents) {
  const survivors = new Map<string, Group>();
  const excuses = new Map<string, Group>();
  const byCase = new Map<string, number>();
  let [killed, survived, excused, leftOut] = [0, 0, 0, 0];
  return {
    add(tid: string, verdict: ThreadAnswer): void {
      killed += verdict.killed;
      leftOut += verdict.possible - verdict.killed - verdict.survivors.length;
      for (const falsification of verdict.survivors) {
        const known = equivalents.reasonOf(falsification) !== null;
        count(known ? excuses : survivors, falsification, tid);
        if (known) excused++;
        else {
          survived++;
          byCase.set(tid, (byCase.get(tid) ?? 0) + 1);
        }
      }
    },
    score: (): Score => ({
      killed,
      survived,
      excused,
      leftOut,
      survivors: sorted(survivors),
      excuses: sorted(excuses),
      byCase,
    }),
  };
}

function count(
  groups: Map<string, Group>,
  { kind, mutation, field, seen }: Falsification,
  tid: string,
): void {
  const group = [kind, mutation, field].filter((part) => part !== '').join(' · ');
  const known = groups.get(group);
  if (known) known.count++;
  else groups.set(group, { group, count: 1, example: `${tid}: ${seen.slice(0, 200)}` });
}

function sorted(groups: Map<string, Group>): Group[] {
  return [...groups.values()].sort((left, right) => right.count - left.count);
}

/** Without what the run still holds on to: a thread gets a copy. */
function plain(evidence: Evidence): Evidence {
  const connections = evidence.connections.map(({ conn, remote, observations }) => ({
    conn,
    remote,
    observations,
  }));
  const records = evidence.records.map(({ record, line }) => ({ record, line }));
  return { ...evidence, connections, records };
}

/** The next case that used the same listener, else the next one. */
function siblingOf(cases: GreenCase[], index: number): Evidence | null {
  const own = cases[index]!.evidence;
  const others = [...cases.slice(index + 1), ...cases.slice(0, index)];
  return (
    (others.find(({ evidence }) => evidence.listener.name === own.listener.name) ?? others[0])?.evidence ??
    null
  );
}
