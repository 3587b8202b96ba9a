import type { Shape, Step } from './shape.ts';

/** Who carries steps out: the clock, the timer and the far end of one direction. */
export type Outlet = {
  /** A steady clock in milliseconds. */
  nowMs(): number;
  /** Calls once after `ms`; gives back how to forget it. */
  after(ms: number, call: () => void): () => void;
  /** `done` when there is room for more. */
  write(bytes: Buffer, apart: boolean, done: () => void): void;
  end(how: 'fin' | 'rst'): void;
  stall(): void;
  finish(): void;
  says(text: string): void;
};

/** The steps of one direction, carried out in order and in time. */
export class StepQueue {
  /** Bytes that have not left: who feeds the queue stops when they are many. */
  waitingBytes = 0;
  /** Nothing moves any more; what is pushed is dropped. */
  closed = false;
  readonly #shape: Shape | null;
  readonly #outlet: Outlet;
  #waiting: { step: Step; dueMs: number }[] = [];
  #lastDueMs = 0;
  #busy = false;
  #forget: () => void = () => {};

  /** Without a shape the bytes pass as they are. */
  constructor(shape: Shape | null, outlet: Outlet) {
    this.#shape = shape;
    this.#outlet = outlet;
  }

  push(chunk: Buffer): void {
    if (this.closed || chunk.length === 0) return;
    this.#add(this.#shape?.push(chunk, this.#outlet.nowMs()) ?? [{ kind: 'bytes', bytes: chunk }]);
  }

  finish(): void {
    if (!this.closed) this.#add(this.#shape?.finish?.() ?? [{ kind: 'finish' }]);
  }

  close(): void {
    this.closed = true;
    this.#forget();
    this.#waiting = [];
    this.waitingBytes = 0;
  }

  #add(steps: Step[]): void {
    const nowMs = this.#outlet.nowMs();
    for (const step of steps) {
      const dueMs = Math.max(this.#lastDueMs, nowMs + (step.holdMs ?? 0)) + (step.paceMs ?? 0);
      this.#lastDueMs = dueMs;
      if (step.kind === 'bytes') this.waitingBytes += step.bytes.length;
      this.#waiting.push({ step, dueMs });
    }
    this.#go();
  }

  #go(): void {
    if (this.#busy || this.closed) return;
    const [next] = this.#waiting;
    if (!next) return;
    const waitMs = next.dueMs - this.#outlet.nowMs();
    this.#busy = true;
    const again = () => {
      this.#busy = false;
      this.#go();
    };
    if (waitMs > 0) this.#forget = this.#outlet.after(waitMs, again);
    else this.#carryOut(next.step, again);
  }

  #carryOut(step: Step, done: () => void): void {
    if (step.says !== undefined) this.#outlet.says(step.says);
    if (step.kind === 'bytes') {
      const bytes = step.apart ? this.#take() : this.#takeTogether();
      this.#outlet.write(bytes, step.apart ?? false, done);
      return;
    }
    this.#waiting.shift();
    if (step.kind === 'finish') {
      this.#outlet.finish();
      done();
      return;
    }
    this.close();
    if (step.kind === 'stall') this.#outlet.stall();
    else this.#outlet.end(step.how);
  }

  #take(): Buffer {
    const taken = this.#waiting.shift();
    if (taken?.step.kind !== 'bytes') return Buffer.alloc(0);
    this.waitingBytes -= taken.step.bytes.length;
    return taken.step.bytes;
  }

  /** All bytes that are due now and say nothing of their own leave as one. */
  #takeTogether(): Buffer {
    const parts = [this.#take()];
    const nowMs = this.#outlet.nowMs();
    for (;;) {
      const next = this.#waiting[0];
      if (next?.step.kind !== 'bytes' || next.step.says !== undefined || next.dueMs > nowMs) break;
      parts.push(this.#take());
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }
}
