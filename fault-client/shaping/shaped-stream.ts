import { Duplex } from 'node:stream';
import type { Shape } from '../../protos/shaping/shape.ts';
import { type Outlet, StepQueue } from '../../protos/shaping/step-queue.ts';

/** Bytes that may wait in one direction before its source is held up. */
const MAX_WAITING_BYTES = 65_536;

/** What a shape did that its stream cannot do alone. */
export type ShapedEvents = { end(how: 'fin' | 'rst'): void; says(text: string): void };

/** A byte stream over another one, each direction with a shape of its own. */
export class ShapedStream extends Duplex {
  /** Resolves when nothing that was written is held any more. */
  readonly flushed: Promise<void>;
  readonly #flush: () => void;
  readonly #under: Duplex;
  readonly #out: StepQueue;
  readonly #in: StepQueue;
  #isStalled = false;
  #underEnded = false;
  #isEnding = false;
  #writable: (() => void) | null = null;
  #final: (() => void) | null = null;
  #readable: (() => void) | null = null;

  constructor(under: Duplex, shapes: { toPeer: Shape | null; fromPeer: Shape | null }, events: ShapedEvents) {
    super({ allowHalfOpen: true });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.flushed = promise;
    this.#flush = resolve;
    this.#under = under;
    this.#out = new StepQueue(shapes.toPeer, {
      ...clock,
      write: (bytes, apart, done) => this.#writeUnder(bytes, apart, done),
      end: (how) => {
        this.#release();
        events.end(how);
      },
      stall: () => {
        this.#isStalled = true;
        this.#release();
        if (this.#underEnded) under.end();
      },
      finish: () => {
        under.end();
        this.#release();
      },
      says: events.says,
    });
    this.#in = new StepQueue(shapes.fromPeer, {
      ...clock,
      write: (bytes, _apart, done) => {
        if (this.#in.waitingBytes < MAX_WAITING_BYTES) under.resume();
        if (this.push(bytes)) done();
        else this.#readable = done;
      },
      end: events.end,
      stall: () => under.pause(),
      finish: () => this.push(null),
      says: events.says,
    });
    under.on('data', (chunk: Buffer) => {
      this.#in.push(chunk);
      if (this.#in.waitingBytes >= MAX_WAITING_BYTES) under.pause();
    });
    under.on('end', () => {
      this.#underEnded = true;
      this.#in.finish();
      // Nobody will end a direction in which nothing moves.
      if (this.#isStalled) under.end();
    });
    under.on('error', (error) => this.destroy(error));
    under.on('close', () => {
      this.#out.close();
      this.#release();
      if (!this.#underEnded || this.readableEnded) this.destroy();
      else this.once('end', () => this.destroy());
    });
  }

  override _read(): void {
    const readable = this.#readable;
    this.#readable = null;
    readable?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#out.push(chunk);
    if (this.#out.waitingBytes < MAX_WAITING_BYTES) done();
    else this.#writable = done;
  }

  override _final(done: () => void): void {
    if (this.#out.closed) {
      done();
      return;
    }
    this.#final = done;
    this.#isEnding = true;
    this.#out.finish();
  }

  /** As of a socket, what was written before still leaves, and then the end. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#in.close();
    done(error);
    const under = this.#under;
    if (error || this.#out.closed || under.destroyed) {
      this.#out.close();
      under.destroy();
      return;
    }
    under.once('finish', () => under.destroy());
    under.resume();
    if (under.writableEnded) return;
    if (!this.#isEnding) this.#out.finish();
  }

  #writeUnder(bytes: Buffer, apart: boolean, done: () => void): void {
    this.#under.write(bytes, () => {
      if (this.#out.waitingBytes < MAX_WAITING_BYTES) this.#releaseWriter();
      // The peer can read in between, so that two segments are two.
      if (apart) setImmediate(() => setImmediate(done));
      else done();
    });
  }

  #releaseWriter(): void {
    const writable = this.#writable;
    this.#writable = null;
    writable?.();
  }

  /** Whoever writes waits for nothing any more. */
  #release(): void {
    this.#flush();
    this.#releaseWriter();
    this.#final?.();
    this.#final = null;
  }
}

const clock: Pick<Outlet, 'nowMs' | 'after'> = {
  nowMs: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};
