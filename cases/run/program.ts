import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InfrastructureError } from '../exit-codes.ts';
import { commandWords } from './command-words.ts';

/** A program the run depends on, spoken to by lines on stdio. */
export type Program = {
  name: string;
  pid: number;
  /** Resolves when the process is gone: how, in words, and the code. Never rejects. */
  ended: Promise<ProgramEnd>;
  send(message: object): void;
  signal(signal: NodeJS.Signals): void;
  /** The last lines of stderr, at most 20. */
  stderrTail(): string;
  /** SIGTERM, and SIGKILL when that was not enough; resolves when the process is gone, and what it started as well. */
  stop(graceMs: number): Promise<ProgramEnd>;
};

export type ProgramEnd = { how: string; code: number | null; expected: boolean };

const tailBytes = 8192;
const tailLines = 20;
/** What outlives its program ends by itself, as a worker does that lost its primary, or is ended after this long. */
const orphanGraceMs = 1000;

/** Groups of programs that run. Whatever ends this process ends them. */
const groups = new Set<number>();
process.on('exit', () => {
  for (const group of groups) killGroup(group, 'SIGKILL');
});

/**
 * Starts `command`; `onLine` gets every line of stdout. It has a process group of its own: a Ctrl-C is for the run, which ends
 * its programs when it is ready to.
 */
export function startProgram(
  name: string,
  command: string[],
  onLine: (line: string) => void,
  cwd: string = process.cwd(),
): Program {
  const [file, ...args] = command;
  if (!file) throw new InfrastructureError(`the command of ${name} is empty`);
  const child = spawned(name, file, args, cwd);
  const pid = child.pid ?? 0;
  if (pid > 0) groups.add(pid);
  let tail = '';
  let stopping = false;
  let leftBehindMs = orphanGraceMs;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-tailBytes);
  });
  splitLines(child.stdout, onLine);
  // A program that has died shows in `ended`; writing to it must not end the run.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.once('error', ({ message }) => {
      // A signal that could not be sent is an error of the child too.
      if (child.pid === undefined)
        resolve({ how: `did not start: ${message}`, code: null, expected: stopping });
    });
    let timer: NodeJS.Timeout | undefined;
    // What it started, and did not end, holds its output and would keep its end from being seen.
    child.once('exit', () => {
      if (stopping) killGroup(pid, 'SIGTERM');
      timer = setTimeout(() => {
        killGroup(pid, 'SIGKILL');
        // Some of it may have left the group.
        child.stdout.destroy();
        child.stderr.destroy();
      }, leftBehindMs);
    });
    // Not before the last line of its output is read.
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ how: signal ? `killed by ${signal}` : `exited with ${code}`, code, expected: stopping });
    });
  });
  void ended.then(() => {
    killGroup(pid, 'SIGKILL');
    groups.delete(pid);
  });
  return {
    name,
    pid,
    ended,
    send: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),
    signal: (signal) => void child.kill(signal),
    stderrTail: () => tail.trimEnd().split('\n').slice(-tailLines).join('\n'),
    stop: async (graceMs) => {
      stopping = true;
      // A wrapper, as "time" or "sh -c", may end without a word to the program it started, which then has the same time.
      leftBehindMs = graceMs;
      child.kill('SIGTERM');
      const timer = setTimeout(() => killGroup(pid, 'SIGKILL'), graceMs);
      const end = await ended;
      clearTimeout(timer);
      return end;
    },
  };
}

/** Most of what is wrong with a command is told by the child's `error` event; the rest, as a path through a file, is thrown. */
function spawned(name: string, file: string, args: string[], cwd: string) {
  try {
    return spawn(file, args, { cwd, detached: true });
  } catch (error) {
    const command = [file, ...args].join(' ');
    throw new InfrastructureError(
      `the ${name} did not start: ${(error as Error).message}\nits command: ${command}`,
    );
  }
}

function killGroup(leader: number, signal: NodeJS.Signals): void {
  // It never started; 0 would be the group of this process.
  if (leader === 0) return;
  try {
    process.kill(-leader, signal);
  } catch {
    // It has ended in this very moment.
  }
}

/** The words of a command line, or the default. A word that is the path of a file from here is made absolute: the program may run elsewhere. */
export function commandOf(given: string | undefined, usual: string[]): string[] {
  if (given === undefined) return usual;
  return commandWords(given).map((word) => (word.includes('/') && existsSync(word) ? resolve(word) : word));
}

function splitLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  });
}
