import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { addFailures, type Failures, type FromGenerator, type Tally, type ToGenerator } from './messages.ts';

export type Generators = {
  open(port: number, idle: number, active: number, concurrency: number): Promise<Failures>;
  send(ratePerConnection: number): void;
  close(): Promise<Tally>;
  /** Ends the processes, whatever they do. */
  stop(): Promise<void>;
};

/** Several processes, so that the load is not what is measured. */
export function startGenerators(count: number): Generators {
  const script = fileURLToPath(new URL('generator.ts', import.meta.url));
  const children = Array.from({ length: count }, () =>
    // A group of its own: Ctrl-C is for the soak, which then ends the load in its turn.
    givesWay(
      spawn(process.execPath, [script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true }),
    ),
  );

  return {
    async open(port, idle, active, concurrency) {
      const failures: Failures = {};
      const opening = children.map((child, index) =>
        ask(child, 'opened', {
          kind: 'open',
          port,
          localAddress: `127.0.0.${index + 2}`,
          idle: share(idle, index, count),
          active: share(active, index, count),
          concurrency: Math.max(1, share(concurrency, index, count)),
        }),
      );
      for (const opened of await Promise.all(opening)) addFailures(failures, opened.failures);
      return failures;
    },
    send(ratePerConnection) {
      for (const child of children) child.send({ kind: 'send', ratePerConnection } satisfies ToGenerator);
    },
    async close() {
      const total: Tally = { held: 0, answered: 0, failures: {} };
      const closing = children.map((child) => ask(child, 'closed', { kind: 'close' }));
      for (const { tally } of await Promise.all(closing)) {
        total.held += tally.held;
        total.answered += tally.answered;
        addFailures(total.failures, tally.failures);
      }
      return total;
    },
    async stop() {
      const living = children.filter((child) => child.exitCode === null && child.signalCode === null);
      const over = living.map((child) => once(child, 'exit'));
      for (const child of living) child.kill('SIGKILL');
      await Promise.all(over);
    },
  };
}

/**
 * On a machine of two cores the load would keep the proxy waiting for one, and its event loop would be late for a reason that
 * is not its own.
 */
export function givesWay<Child extends { pid?: number | undefined }>(child: Child): Child {
  if (child.pid === undefined) return child;
  setPriority(child.pid, constants.priority.PRIORITY_LOW);
  // Where Linux shares the cores between sessions first (sched(7), autogroup), a priority counts inside a session only.
  const [own, its] = [autogroup('self'), autogroup(child.pid)];
  if (its !== null && its !== own) lowerAutogroup(child.pid);
  return child;
}

/** Linux takes ten a second from who is not root, EAGAIN; whoever may not at all has the load in the proxy's way, no more. */
function lowerAutogroup(pid: number): void {
  for (let tries = 0; tries < 5; tries++) {
    try {
      writeFileSync(`/proc/${pid}/autogroup`, String(constants.priority.PRIORITY_LOW));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 110);
    }
  }
}

/** Which group a process is scheduled in, such as `/autogroup-13062`; null where there are none. */
function autogroup(pid: number | 'self'): string | null {
  try {
    return readFileSync(`/proc/${pid}/autogroup`, 'utf8').split(' ')[0]!;
  } catch {
    return null;
  }
}

type Answer<Kind> = Extract<FromGenerator, { kind: Kind }>;

function ask<Kind extends FromGenerator['kind']>(
  child: ChildProcess,
  kind: Kind,
  message: ToGenerator,
): Promise<Answer<Kind>> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) =>
      reject(new Error(`a generator ended (${signal ?? `exit ${code}`})`)),
    );
    child.once('message', (answer: FromGenerator) => {
      if (answer.kind === kind) resolve(answer as Answer<Kind>);
      else reject(new Error(`a generator answered ${answer.kind} where ${kind} was due`));
    });
    child.send(message);
  });
}

/** The index-th of `parts` nearly equal shares of a whole. */
export const share = (whole: number, index: number, parts: number): number =>
  Math.floor((whole * (index + 1)) / parts) - Math.floor((whole * index) / parts);
