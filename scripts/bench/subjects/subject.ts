/** Something in a process of its own between the load and the upstream, or the upstream itself. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endChild, startChild } from '../children.ts';
import { cpuSeconds, residentKib } from '../usage.ts';

export type Subject = {
  name: string;
  pid: number;
  port: number;
  /** Seconds of CPU (user and system) used so far, null where the system does not tell. */
  cpuSeconds: () => number | null;
  residentKib: () => number | null;
  /** Called after every run, while nothing is under way. */
  tidy: () => void;
  stop: () => Promise<void>;
};

export function subject(name: string, child: ChildProcess, port: number, tidy = () => {}): Subject {
  return {
    name,
    pid: child.pid!,
    port,
    cpuSeconds: () => cpuSeconds(child.pid!),
    residentKib: () => residentKib(child.pid!),
    tidy,
    stop: () => endChild(child),
  };
}

export const programs = join(dirname(fileURLToPath(import.meta.url)), '../programs');

/** A Node program that prints its port on its first line and ends with its stdin. */
export async function startNode(name: string, script: string, args: string[]): Promise<Subject> {
  const child = startChild(process.execPath, [join(programs, script), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const line = await Promise.race([once(child.stdout!, 'data'), once(child, 'exit').then(() => null)]);
  if (line === null) throw new Error(`${script} ended before it listened`);
  return subject(name, child, Number(String(line[0]).trim()));
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when the port accepts. @throws when the process ends first or 5 s have passed. */
export async function accepting(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const up = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (up) return;
    if (child.exitCode !== null || attempt > 250) {
      throw new Error(`${child.spawnfile} does not accept on port ${port}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
