import { Worker } from 'node:worker_threads';
import type { Step } from '../../protos/testing/fuzz-target.ts';
import { currentInputBytes, readCurrent } from './current-input.ts';
import type { Found } from './hunt.ts';

/** A target by its name and its file, relative to the repository. */
export type TargetPlace = { name: string; file: string };

export type Job =
  | {
      kind: 'hunt';
      target: TargetPlace;
      corpus: string;
      seed: number;
      milliseconds: number | null;
      executions: number | null;
    }
  | { kind: 'replay'; inputs: (TargetPlace & { inputs: { name: string; steps: Step[] }[] })[] };

export type WorkerTask = { job: Job; current: SharedArrayBuffer };

export type FromWorker =
  | { kind: 'progress'; executions: number }
  | { kind: 'replaying'; input: string }
  | { kind: 'found'; finding: Found; input?: string }
  | { kind: 'over'; executions: number; kept: Step[][] };

export type ThreadOptions = {
  job: Job;
  /** One input may take this long; then it hangs. */
  hangMs: number;
  /** `input` of a replay: the name of its target, then its own. */
  found: (finding: Found, input: string | null) => void;
  progress?: (executions: number) => void;
  signal?: AbortSignal;
};

export type ThreadResult = { executions: number; kept: Step[][] };

/** Runs a job in a thread of its own, which ends when one input hangs it. @throws Error when the thread cannot do its work. */
export async function runThread(options: ThreadOptions): Promise<ThreadResult> {
  const current = new SharedArrayBuffer(currentInputBytes);
  const workerData: WorkerTask = { job: options.job, current };
  // Without the flags of whoever started this: a test runner's own do not suit a plain thread.
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData, execArgv: [] });
  const result: ThreadResult = { executions: 0, kept: [] };
  const over = Promise.withResolvers<void>();
  let input: string | null = null;
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'found') options.found(ofThisThread(message.finding), message.input ?? null);
    else if (message.kind === 'replaying') input = message.input;
    else {
      result.executions = message.executions;
      options.progress?.(message.executions);
      if (message.kind === 'over') {
        result.kept = message.kept.map(stepsOfThisThread);
        over.resolve();
      }
    }
  });
  worker.on('error', over.reject);
  worker.on('exit', () => over.reject(new Error('the thread ended early')));
  const watch = watchForHang(current, options.hangMs, () => {
    const text = `one input took longer than ${options.hangMs} ms`;
    const { steps } = readCurrent(current);
    options.found({ kind: 'hang', text, signature: 'hang', steps }, input);
    over.resolve();
  });
  const abort = () => over.resolve();
  options.signal?.addEventListener('abort', abort);
  try {
    await over.promise;
  } finally {
    clearInterval(watch);
    options.signal?.removeEventListener('abort', abort);
    await worker.terminate();
  }
  return result;
}

/** The time begins with the first input: a busy machine may need long to load a target. */
function watchForHang(current: SharedArrayBuffer, hangMs: number, hangs: () => void): NodeJS.Timeout {
  let counter = 0;
  let since = performance.now();
  return setInterval(
    () => {
      const now = Atomics.load(new Int32Array(current, 0, 1), 0);
      if (now !== counter || now === 0) {
        counter = now;
        since = performance.now();
      } else if (performance.now() - since > hangMs) hangs();
    },
    Math.min(250, hangMs / 4),
  );
}

/** What crosses a thread is a Uint8Array there. */
function ofThisThread(finding: Found): Found {
  return { ...finding, steps: stepsOfThisThread(finding.steps) };
}

function stepsOfThisThread(steps: Step[]): Step[] {
  return steps.map(({ from, bytes }) => ({ from, bytes: Buffer.from(bytes) }));
}
