import { repairTail } from '../records/record-file.ts';

export type TurnServer = {
  /** Turns are given from here on. */
  open(): void;
  /** The next number, for a line of the primary itself. */
  number(): number;
  /** A worker's lines given up without a later one to show the gap. */
  skip(numbers: number): void;
  /** Lines the workers have written. */
  readonly written: number;
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
  let next = 0;
  let opened = false;
  let written = 0;
  let holder: (Request & { base: number }) | null = null;
  let queue: Request[] = [];

  function giveNext(): void {
    if (holder !== null || !opened) return;
    const request = queue.shift();
    if (request === undefined) return;
    holder = { ...request, base: next };
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
          // Killed while it wrote: half a line may be out, which must not become the beginning of another one.
          repairTail(fd);
          holder = null;
          giveNext();
        },
      };
      return desk;
    },
  };
}
