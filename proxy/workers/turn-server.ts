import { fstatSync, readSync } from 'node:fs';
import { repairTail } from '../records/record-file.ts';

export type TurnServer = {
  /** Turns are given from here on. */
  open(): void;
  /** The next number, for a line of the primary itself. */
  number(): number;
  /** A worker's lines given up without a later one to show the gap. */
  skip(numbers: number): void;
  /** Lines the workers have written, and numbers that went down with a worker. */
  readonly written: number;
  readonly lost: number;
  /** Whether a worker may be writing now. */
  readonly busy: boolean;
  deskOf(give: (base: number) => void): TurnDesk;
};

/** One worker's place in the queue; it asks for one turn at a time. */
export type TurnDesk = {
  ask(numbers: number): void;
  done(numbers: number, lines: number): void;
  /** The worker is gone. */
  leave(): void;
};

/** Whose turn it is to append to the file at `fd`, and which numbers its lines get. */
export function createTurnServer(fd: number): TurnServer {
  type Request = { desk: TurnDesk; numbers: number; give: (base: number) => void };
  const regular = fstatSync(fd).isFile();
  let next = 0;
  let opened = false;
  let written = 0;
  let lost = 0;
  let holder: (Request & { base: number; fileBytes: number }) | null = null;
  let queue: Request[] = [];

  function giveNext(): void {
    if (holder !== null || !opened) return;
    const request = queue.shift();
    if (request === undefined) return;
    holder = { ...request, base: next, fileBytes: regular ? fstatSync(fd).size : 0 };
    next += request.numbers;
    request.give(holder.base);
  }

  return {
    open() {
      opened = true;
      giveNext();
    },
    number: () => next++,
    skip(numbers) {
      next += numbers;
    },
    get written() {
      return written;
    },
    get lost() {
      return lost;
    },
    get busy() {
      return holder !== null;
    },
    deskOf(give) {
      const desk: TurnDesk = {
        ask(numbers) {
          queue.push({ desk, numbers, give });
          giveNext();
        },
        done(numbers, lines) {
          if (holder === null) return;
          next = holder.base + numbers;
          written += lines;
          holder = null;
          giveNext();
        },
        leave() {
          queue = queue.filter((request) => request.desk !== desk);
          if (holder?.desk !== desk) return;
          // Killed in its turn: half a line may be out, which must not become the beginning of another one.
          repairTail(fd);
          const out = regular ? linesFrom(fd, holder.fileBytes) : 0;
          written += out;
          lost += holder.numbers - out;
          holder = null;
          giveNext();
        },
      };
      return desk;
    },
  };
}

function linesFrom(fd: number, offset: number): number {
  const bytes = Buffer.alloc(fstatSync(fd).size - offset);
  const count = readSync(fd, bytes, 0, bytes.length, offset);
  return bytes.subarray(0, count).reduce((lines, byte) => (byte === NEWLINE ? lines + 1 : lines), 0);
}

const NEWLINE = 0x0a;
