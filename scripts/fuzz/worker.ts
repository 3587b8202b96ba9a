/** The thread of one target: hunts, or replays inputs. Speaks to thread.ts. */
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { seededRandom } from '../../protos/shaping/random.ts';
import type { FuzzTarget } from '../../protos/testing/fuzz-target.ts';
import { readCorpus } from './corpus.ts';
import { writeCurrent } from './current-input.ts';
import { hunt } from './hunt.ts';
import { installMeter } from './meter.ts';
import { everySplit } from './splits.ts';
import { loadTarget } from './targets.ts';
import type { FromWorker, Job, WorkerTask } from './thread.ts';
import { merged } from './transcript.ts';
import { examine } from './trial.ts';

const { job, current } = workerData as WorkerTask;
installMeter();
if (job.kind === 'hunt') huntFor(await loadTarget(job.target.file, job.target.name), job);
else await replay(job);

function huntFor(
  target: FuzzTarget,
  { seed, corpus, milliseconds, executions }: Job & { kind: 'hunt' },
): void {
  // From here on: loading a target is none of its time.
  const until = performance.now() + (milliseconds ?? Number.POSITIVE_INFINITY);
  const most = executions ?? Number.POSITIVE_INFINITY;
  let told = 0;
  const result = hunt(target, {
    seed,
    corpus: readCorpus(target.name, target.sides, corpus).map(({ steps }) => steps),
    goesOn: (done) => {
      if (done - told >= 500) {
        told = done;
        send({ kind: 'progress', executions: done });
      }
      return done < most && performance.now() < until;
    },
    trying: (steps) => writeCurrent(current, steps),
    found: (finding) => send({ kind: 'found', finding }),
  });
  send({ kind: 'over', executions: result.executions, kept: result.kept });
}

/** Every input cut in every way; each finding carries the name of its input. */
async function replay({ inputs }: Job & { kind: 'replay' }): Promise<void> {
  let executions = 0;
  for (const { file, name, inputs: ofTarget } of inputs) {
    const target = await loadTarget(file, name);
    for (const one of ofTarget) {
      const steps = one.steps.map(({ from, bytes }) => ({ from, bytes: Buffer.from(bytes) }));
      const input = `${name}: ${one.name}`;
      send({ kind: 'replaying', input });
      writeCurrent(current, steps);
      const splits = everySplit(steps, seededRandom(1));
      const { finding } = examine(target, merged(steps), splits, () => executions++);
      if (finding !== null) send({ kind: 'found', finding: { ...finding, steps }, input });
    }
  }
  send({ kind: 'over', executions, kept: [] });
}

function send(message: FromWorker): void {
  parentPort!.postMessage(message);
}
