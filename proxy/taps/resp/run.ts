import type { Outcome } from './event-fields.ts';
import type { PendingCommand } from './pending.ts';

/** So many of a run are told one by one; what follows is told together, so many at a time. */
export const TOLD_SINGLY = 16;
const TOLD_TOGETHER = 1000;

/**
 * Commands that are alike, each sent before the one ahead of it was answered, and answered alike without an error. Of a
 * pipeline of a hundred thousand PINGs a record each would cost sixty times what the bytes cost, and say one thing: what comes
 * after the first sixteen of a run is held back and told by the thousand, as one event with its `count`.
 */
export class Run {
  #length = 0;
  #reply: Outcome['reply'] = 'none';
  #type: Outcome['replyType'] = null;
  #first: PendingCommand | null = null;
  #count = 0;
  #replyBytes = 0;
  #endMs = 0;

  /** Whether what was answered belongs to the run and is to be held; `alike`: the command is like the one before. */
  holds(alike: boolean, reply: Outcome['reply'], type: Outcome['replyType']): boolean {
    if (this.#length > 0 && alike && reply === this.#reply && type === this.#type) {
      this.#length++;
      return this.#length > TOLD_SINGLY;
    }
    this.#length = 1;
    this.#reply = reply;
    this.#type = type;
    return false;
  }

  /** The first that is held. */
  begin(first: PendingCommand): void {
    this.#first = first;
  }

  get begun(): boolean {
    return this.#first !== null;
  }

  /** As many are held as are told together. */
  get full(): boolean {
    return this.#count >= TOLD_TOGETHER;
  }

  /** One more, `bytes` long; the first one's are counted by `begin`. */
  add(bytes: number, replyBytes: number, endMs: number): void {
    this.#first!.bytes += bytes;
    this.#count++;
    this.#replyBytes += replyBytes;
    this.#endMs = endMs;
  }

  /** What is held, once; null when nothing is. */
  take(): { command: PendingCommand; outcome: Outcome; endMs: number } | null {
    if (this.#first === null) return null;
    const taken = {
      command: this.#first,
      outcome: {
        reply: this.#reply,
        replyType: this.#type,
        replyBytes: this.#replyBytes,
        error: null,
        failure: null,
        anomalies: [],
        count: this.#count,
      },
      endMs: this.#endMs,
    };
    this.#first = null;
    this.#count = this.#replyBytes = 0;
    return taken;
  }

  /** What comes next is not of the run, whatever it is. */
  end(): void {
    this.#length = 0;
  }
}
