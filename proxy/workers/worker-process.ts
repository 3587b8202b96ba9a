import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import type { MetaRecord } from '../../protos/records/records.ts';
import { RECORDS_FD, type ToPrimary, type ToWorker } from './messages.ts';

export type WorkerProcess = {
  pid: number;
  /** What became of its start. */
  started: Promise<Extract<ToPrimary, { kind: 'listening' | 'failed' }>>;
  send(message: ToWorker): void;
  kill(): void;
  /** How it ended, and its own `stop` line if it got that far. */
  ended: Promise<{ how: string; clean: boolean; stop: MetaRecord | null }>;
};

/** How long a channel may stay open behind the process at its other end. */
const LAST_WORDS_MS = 500;

/** Starts a process that waits for its `start` message. `fd` is where it will write records. */
export function forkWorker(fd: number | null, hear: (message: ToPrimary) => void): WorkerProcess {
  // Dealing them out in turn is the default everywhere but on Windows. The kernel's choice (SO_REUSEPORT) hashes: of 20
  // connections that come one by one it gives 12 to one of two workers, of 2 both every other time; this 10 and 1.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  const stdio: ('ignore' | 'inherit' | 'ipc' | number)[] = ['ignore', 'ignore', 'inherit', 'ipc'];
  stdio[RECORDS_FD] = fd ?? 'ignore';
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('./entry.mjs', import.meta.url)),
    args: [],
    // Certificates are bytes.
    serialization: 'advanced',
    stdio,
  });
  const worker = cluster.fork();
  let stop: MetaRecord | null = null;
  const send = (message: ToWorker): void => {
    if (worker.isConnected()) worker.send(message, () => {});
  };
  worker.on('error', () => {});
  const exited = new Promise<{ how: string; clean: boolean }>((resolve) => {
    worker.once('exit', (code: number | null, signal: string | null) => {
      resolve({ how: signal === null ? `with exit code ${code}` : `by ${signal}`, clean: code === 0 });
    });
  });
  // The exit may be heard of before the last of what it said.
  const silent = new Promise<void>((resolve) => {
    worker.once('disconnect', () => resolve());
    worker.once('exit', () => {
      // Its channel may have closed before anybody listened. And now and then (Node 24.21, some in a thousand) it ends and
      // nobody is told: nothing then keeps this process, which would end in the middle of its own end, with exit code 13.
      if (!worker.isConnected()) setImmediate(resolve);
      else setTimeout(resolve, LAST_WORDS_MS);
    });
  });
  const ended = Promise.all([exited, silent]).then(([how]) => ({ ...how, stop }));
  const started = new Promise<Awaited<WorkerProcess['started']>>((resolve) => {
    worker.on('message', (message: ToPrimary) => {
      if (message.kind === 'listening' || message.kind === 'failed') resolve(message);
      if (message.kind === 'stopped') stop = message.stop;
      hear(message);
    });
    void ended.then(({ how }) =>
      resolve({ kind: 'failed', problems: [`a worker ended ${how} before it listened`] }),
    );
  });
  return { pid: worker.process.pid!, started, send, kill: () => worker.process.kill('SIGKILL'), ended };
}
