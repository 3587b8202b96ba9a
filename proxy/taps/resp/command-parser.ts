import type { Anomaly } from './anomalies.ts';
import { ArgumentReader } from './argument-reader.ts';

/** Where the commands of a client go. */
export type CommandSink = {
  /** The first byte of a command. */
  begin(): void;
  /** A whole command; `reader` and `bytes` of the parser tell what it was. */
  command(): void;
  /** The rest of the stream cannot be told apart; what had come of a command stands in `reader`. */
  broken(anomaly: Anomaly): void;
};

const STAR = 0x2a;
const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
/** PROTO_INLINE_MAX_SIZE of Redis. */
const MAX_LINE = 65536;
/** Digits of a count or a length. */
const MAX_DIGITS = 10;

/** States are numbers, which a switch over every byte compares at once. */
const START = 0;
const COUNT = 1;
const MARK = 2;
const LENGTH = 3;
const BODY = 4;
const GAP = 5;
const INLINE = 6;
const STOPPED = 7;

/**
 * The client's side of RESP: arrays of bulk strings, and inline commands. Reads like Redis (networking.c): what follows a CR
 * is taken for its LF, and a command of no arguments is none.
 */
export class CommandParser {
  readonly reader = new ArgumentReader();
  /** Of the command so far, its framing included. */
  bytes = 0;
  readonly #sink: CommandSink;
  #state = START;
  #number = 0;
  #digits = 0;
  #negative = false;
  /** Arguments still to come; bytes of this one, or of the line end after it. */
  #missing = 0;
  #left = 0;
  /** Why it is stopped, until that is told. */
  #anomaly: Anomaly | null = null;

  constructor(sink: CommandSink) {
    this.#sink = sink;
  }

  /** In the middle of a command. */
  get midCommand(): boolean {
    return this.#state !== START && this.#state !== STOPPED;
  }

  get stopped(): boolean {
    return this.#state === STOPPED;
  }

  /** What is still missing of the command, in words. */
  missing(): string {
    if (this.#state === INLINE) return 'the end of its line';
    if (this.#state === COUNT) return 'its number of arguments';
    return `${this.#missing} of its ${this.reader.count} words`;
  }

  stop(): void {
    this.#state = STOPPED;
  }

  push(chunk: Buffer): void {
    const { reader } = this;
    let at = 0;
    /** Up to here the bytes of this chunk are counted. */
    let counted = 0;
    while (at < chunk.length && this.#state !== STOPPED) {
      switch (this.#state) {
        case START: {
          const byte = chunk[at]!;
          counted = at;
          this.bytes = 0;
          // An empty line is no command.
          if (byte === CR || byte === LF) {
            at++;
            break;
          }
          this.#sink.begin();
          reader.begin();
          if (byte !== STAR) {
            this.#state = INLINE;
            reader.beginLine();
            break;
          }
          const words = chunk[at + 1]! - 0x30;
          if (words > 0 && words <= 9 && chunk[at + 2] === CR && at + 4 <= chunk.length) {
            // A count of one digit that lies whole in the chunk, as nearly all do.
            at += 4;
            this.#missing = words;
            reader.declare(words);
            this.#state = MARK;
            break;
          }
          at++;
          this.#beginNumber(COUNT);
          break;
        }
        case COUNT: {
          const byte = chunk[at++]!;
          if (byte !== CR) {
            if (!this.#digit(byte)) this.#break('bad_argument_count');
            break;
          }
          if (this.#digits === 0) {
            this.#break('bad_argument_count');
            break;
          }
          this.#missing = this.#negative ? 0 : this.#number;
          reader.declare(this.#missing);
          this.#gap(1);
          break;
        }
        case MARK: {
          const next = this.#wholeArgument(chunk, at);
          if (next < 0) {
            if (chunk[at] !== DOLLAR) this.#break('bad_argument_length');
            else this.#beginNumber(LENGTH);
            at++;
            break;
          }
          at = next;
          if (this.#missing > 0) break;
          this.bytes += at - counted;
          counted = at;
          this.#end();
          break;
        }
        case LENGTH: {
          const byte = chunk[at++]!;
          if (byte !== CR) {
            if (!this.#digit(byte)) this.#break('bad_argument_length');
            break;
          }
          if (this.#digits === 0 || this.#negative) {
            this.#break('bad_argument_length');
            break;
          }
          // The LF of this line is taken with the argument.
          this.#left = this.#number + 1;
          reader.beginArgument();
          this.#state = BODY;
          break;
        }
        case BODY: {
          // What is left includes the LF that ends the length while the argument has not begun.
          if (this.#left === this.#number + 1) {
            at++;
            this.#left--;
          }
          const end = Math.min(chunk.length, at + this.#left);
          if (end > at) {
            reader.bytes(chunk, at, end);
            this.#left -= end - at;
            at = end;
          }
          if (this.#left > 0) break;
          reader.endArgument();
          this.#missing--;
          this.#gap(2);
          break;
        }
        case GAP:
          at++;
          if (--this.#left > 0) break;
          if (this.#missing > 0) this.#state = MARK;
          else {
            this.bytes += at - counted;
            counted = at;
            this.#end();
          }
          break;
        case INLINE: {
          const byte = chunk[at++]!;
          if (byte === LF) {
            this.bytes += at - counted;
            counted = at;
            if (reader.endLine()) this.#end();
            else this.#break('unbalanced_quotes');
          } else {
            reader.lineByte(byte);
            if (this.bytes + at - counted > MAX_LINE) this.#break('inline_too_long');
          }
          break;
        }
      }
    }
    if (this.#anomaly !== null) this.#report(at - counted);
    else if (this.midCommand) this.bytes += at - counted;
  }

  /** Reads an argument that lies whole in the chunk, as nearly all do, and returns where it ends; -1 for any other. */
  #wholeArgument(chunk: Buffer, at: number): number {
    if (chunk[at] !== DOLLAR) return -1;
    let length = 0;
    let next = at + 1;
    for (const last = Math.min(chunk.length, next + MAX_DIGITS); next < last; next++) {
      const digit = chunk[next]! - 0x30;
      if (digit < 0 || digit > 9) break;
      length = length * 10 + digit;
    }
    const from = next + 2;
    const to = from + length;
    if (next === at + 1 || chunk[next] !== CR || to + 2 > chunk.length) return -1;
    this.reader.beginArgument();
    this.reader.bytes(chunk, from, to);
    this.reader.endArgument();
    this.#missing--;
    return to + 2;
  }

  #beginNumber(state: number): void {
    this.#state = state;
    this.#number = 0;
    this.#digits = 0;
    this.#negative = false;
  }

  #digit(byte: number): boolean {
    if (byte === DASH && this.#digits === 0 && !this.#negative) {
      this.#negative = true;
      return true;
    }
    if (byte < 0x30 || byte > 0x39 || this.#digits >= MAX_DIGITS) return false;
    this.#number = this.#number * 10 + byte - 0x30;
    this.#digits++;
    return true;
  }

  #gap(bytes: number): void {
    this.#left = bytes;
    this.#state = GAP;
  }

  #end(): void {
    this.#state = START;
    if (this.reader.count > 0) this.#sink.command();
    this.bytes = 0;
  }

  #break(anomaly: Anomaly): void {
    this.#anomaly = anomaly;
    this.#state = STOPPED;
  }

  #report(bytes: number): void {
    const anomaly = this.#anomaly!;
    this.#anomaly = null;
    this.bytes += bytes;
    this.#sink.broken(anomaly);
  }
}
