/**
 * Outlives the program that started it by a moment: what that program leaves behind when it is killed, its process groups and
 * folders, is ended and removed. It is told on stdin, one line each: `+PID` and `-PID` of a group, `/FOLDER`.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const groups = new Set<number>();
const folders: string[] = [];
for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line);
  if (line.startsWith('/')) folders.push(line);
  else if (pid > 0) groups.add(pid);
  else groups.delete(-pid);
}
for (const pid of groups) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended together with its parent.
  }
}
for (const folder of folders)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
