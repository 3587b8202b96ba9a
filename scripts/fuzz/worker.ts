/** The thread of one target: hunts, or replays inputs. Speaks to thread.ts. */
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { seededRandom } from '../../protos/shaping/random.ts';
import type { FuzzTarget, Step } from '../../protos/testing/fuzz-target.ts';
import { readCorpus } from './corpus.ts';
import { writeCurrent } from './current-input.ts';
import { hunt } from './hunt.ts';
import { installMeter } from './meter.ts';
import { everySplit } from './splits.ts';
import { loadTarget } from './targets.ts';
import type { FromWorker, WorkerTask } from './thread.ts';
import { merged } from './transcript.ts';
import { examine } from './trial.ts';

const task = workerData as WorkerTask;
const target = await loadTarget(task.file, task.name);
installMeter();
if (task.job.kind === 'hunt') huntFor(target, task.job);
else replay(target, task.job.files);

function huntFor(
  target: FuzzTarget,
  job: { seed: number; milliseconds: number | null; executions: number | null },
): void {
  // From here on: loading a target is none of its time.
  const until = performance.now() + (job.milliseconds ?? Number.POSITIVE_INFINITY);
  const most = job.executions ?? Number.POSITIVE_INFINITY;
  let told = 0;
  const result = hunt(target, {
    seed: job.seed,
    corpus: readCorpus(target.name, target.sides, task.corpus).map(({ steps }) => steps),
    goesOn: (executions) => {
      if (executions - told >= 2000) {
        told = executions;
        send({ kind: 'progress', executions });
      }
      return executions < most && performance.now() < until;
    },
    trying: (steps) => writeCurrent(task.current, steps),
    found: (finding) => send({ kind: 'found', finding }),
  });
  send({ kind: 'over', executions: result.executions, kept: result.kept });
}

/** Every file cut in every way; each finding carries the name of its file. */
function replay(target: FuzzTarget, files: { name: string; steps: Step[] }[]): void {
  let executions = 0;
  for (const { name, steps } of files) {
    const input = steps.map(({ from, bytes }) => ({ from, bytes: Buffer.from(bytes) }));
    writeCurrent(task.current, input);
    send({ kind: 'replaying', file: name });
    const splits = everySplit(input, seededRandom(1));
    const { finding } = examine(target, merged(input), splits, () => executions++);
    if (finding !== null) send({ kind: 'found', finding: { ...finding, steps: input }, file: name });
  }
  send({ kind: 'over', executions, kept: [] });
}

function send(message: FromWorker): void {
  parentPort!.postMessage(message);
}
