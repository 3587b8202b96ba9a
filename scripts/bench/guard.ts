/** Tells a second process what to end and remove should this one be killed before it can do so itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./guard-program.ts', import.meta.url));
let guard: ChildProcess | null = null;

export function guardGroup(pid: number | undefined): void {
  if (pid !== undefined) tell(`+${pid}`);
}

export function forgetGroup(pid: number | undefined): void {
  if (pid !== undefined) tell(`-${pid}`);
}

/** `folder` is absolute. */
export function guardFolder(folder: string): void {
  tell(folder);
}

/** The guard ends when its stdin does: with this process, however that ends. */
function tell(line: string): void {
  guard ??= started();
  guard.stdin!.write(`${line}\n`);
}

function started(): ChildProcess {
  // Ctrl-C must not reach it, and it must not keep this process alive.
  const child = spawn(process.execPath, [program], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  // Without a guard there is nobody to tell; what this process ends itself is ended all the same.
  child.on('error', () => undefined);
  child.stdin!.on('error', () => undefined);
  return child;
}
