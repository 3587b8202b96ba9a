/**
 * What a fuzz target is: a decoder and what must hold of it whatever its peer sends. A target stands beside its decoder as
 * `x.fuzz.ts` and exports `targets: FuzzTarget[]`; `scripts/fuzz` finds the files by their name and starts each by its path in
 * a thread of its own, so that nobody imports one.
 */
export type FuzzTarget = {
  /** Unique, kebab-case: also the folder of its corpus. */
  name: string;
  /** One line for `--list`. */
  about: string;
  /** Which mutations know its bytes. */
  grammar: Grammar;
  /** Names of the sides in the files of the corpus. A transcript of one stream has one side. */
  sides: readonly [string] | readonly [string, string];
  /** False: a step is one unit that its caller always hands over whole, such as a header block or a file. */
  cuts: boolean;
  /** The decoder may keep a chunk it was given. Else the chunk is overwritten as soon as the next is asked for. */
  keepsChunks?: boolean;
  /** Words that mean something here, for the mutations of text. */
  words?: readonly string[];
  /** Bytes that decoding `bytes` may copy or allocate, however they are cut; default: 64 for each and 256 KiB. */
  copiedBytes?: (bytes: number) => number;
  /** Of the time of a run, beside the others; default 1. */
  share?: number;
  /** Valid inputs to begin with. */
  seeds(): Step[][];
  /**
   * Decodes one transcript with a decoder of its own. Gives back what was decoded as JSON can hold it, without anything that
   * the clock decides: it must not depend on how the bytes were cut. Whatever is thrown is a finding.
   */
  run(steps: Iterable<Step>): unknown;
};

export type Grammar = 'bytes' | 'text' | 'lengths' | 'http1' | 'h2';

/** Bytes that one side sent; `from` is its place in `sides`. */
export type Step = { from: 0 | 1; bytes: Buffer };

/** A transcript of one step. */
export function only(bytes: Buffer | string): Step[] {
  return [{ from: 0, bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes }];
}

/** A copy of all bytes of a transcript. */
export function joined(steps: Iterable<Step>): Buffer {
  return Buffer.concat(Array.from(steps, ({ bytes }) => Buffer.from(bytes)));
}

/** Throws unless `condition`; `what` says what should have held. */
export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(`does not hold: ${what}`);
}

/** Throws when more was counted than the stated limit allows. */
export function atMost(what: string, counted: number, limit: number): void {
  if (!(counted <= limit)) throw new Error(`unbounded: ${what} ${counted}, at most ${limit}`);
}
