/** Every process that benchmarks and scenarios start, so that none outlives them. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { forgetGroup, guardGroup } from './guard.ts';

const children = new Set<ChildProcess>();
/** No single run takes this long unless something hangs. */
const runLimitMs = 180_000;

export function startChild(command: string, args: string[], options: SpawnOptions = {}): ChildProcess {
  // A group of its own, so that a child's children end with it.
  const child = spawn(command, args, { detached: true, ...options });
  children.add(child);
  guardGroup(child.pid);
  child.once('exit', () => {
    children.delete(child);
    forgetGroup(child.pid);
  });
  child.once('error', () => children.delete(child));
  return child;
}

/** SIGTERM, and SIGKILL to one that does not go within `graceMs`. */
export async function endChild(child: ChildProcess, graceMs = 10_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => killGroup(child), graceMs);
  await exited;
  clearTimeout(timer);
}

/** For the end of this process: synchronous, whatever state the children are in. */
export function killChildren(): void {
  for (const child of children) killGroup(child);
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // It has ended, or the system knows no groups.
    child.kill('SIGKILL');
  }
}

/** Runs a program to its end. @throws with its last words when it does not exit with a code allowed, or takes minutes. */
export async function runChild(
  command: string,
  args: string[],
  options: SpawnOptions = {},
  allowedCodes: readonly number[] = [0],
): Promise<string> {
  const child = startChild(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const limit = setTimeout(() => killGroup(child), runLimitMs);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(limit);
  if (code === null || !allowedCodes.includes(code)) {
    throw new Error(
      `${[command, ...args].join(' ')} ended with ${signal ?? code}\n${(errors + output).slice(-2000)}`,
    );
  }
  return output;
}

export const installed = (program: string, argument = '--version'): boolean =>
  spawnSync(program, [argument], { stdio: 'ignore' }).status === 0;
