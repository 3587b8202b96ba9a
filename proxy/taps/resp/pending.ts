/** A command whose reply has not come. */
export type PendingCommand = {
  /** Epoch milliseconds with a fraction. */
  startMs: number;
  bytes: number;
  command: number;
  subcommand: number;
  argumentCount: number;
  clientName: string | null;
  channel: string | null;
};

/** How many commands without a reply are followed. */
export const MAX_PENDING = 131_072;

/**
 * The commands that wait for a reply, oldest first. A client may pipeline a hundred thousand of them, so each is a few
 * numbers in typed arrays, 33 bytes in all, and not an object.
 */
export class PendingCommands {
  length = 0;
  #capacity = 16;
  #first = 0;
  #starts = new Float64Array(this.#capacity);
  #bytes = new Float64Array(this.#capacity);
  #arguments = new Float64Array(this.#capacity);
  #commands = new Uint16Array(this.#capacity);
  #subcommands = new Uint16Array(this.#capacity);
  #names = new Uint16Array(this.#capacity);
  #channels = new Uint8Array(this.#capacity);
  /** The one taken last, by the numbers in the arrays. */
  readonly #taken = { command: -1, subcommand: -1, argumentCount: -1, name: -1, channel: -1 };
  /** Texts that stand in the arrays as numbers. */
  readonly #clientNames = new Texts(1000);
  readonly #channelNames = new Texts(10);

  /** False when there is no room for it. */
  push(
    startMs: number,
    bytes: number,
    command: number,
    subcommand: number,
    argumentCount: number,
    clientName: string | null,
    channel: string | null,
  ): boolean {
    if (this.length === this.#capacity && !this.#grow()) return false;
    const at = (this.#first + this.length) & (this.#capacity - 1);
    this.#starts[at] = startMs;
    this.#bytes[at] = bytes;
    this.#arguments[at] = argumentCount;
    this.#commands[at] = command;
    this.#subcommands[at] = subcommand;
    this.#names[at] = this.#clientNames.number(clientName);
    this.#channels[at] = this.#channelNames.number(channel);
    this.length++;
    return true;
  }

  /** Index of the oldest command's name. There must be one. */
  get command(): number {
    return this.#commands[this.#first]!;
  }

  get subcommand(): number {
    return this.#subcommands[this.#first]!;
  }

  get argumentCount(): number {
    return this.#arguments[this.#first]!;
  }

  /** Whether the oldest is the same as the one taken before: name, number of arguments, client's name, channel. */
  get repeats(): boolean {
    const at = this.#first;
    return (
      this.#commands[at] === this.#taken.command &&
      this.#subcommands[at] === this.#taken.subcommand &&
      this.#arguments[at] === this.#taken.argumentCount &&
      this.#names[at] === this.#taken.name &&
      this.#channels[at] === this.#taken.channel
    );
  }

  /** Takes the oldest, which repeats, and returns its length alone. */
  drop(): number {
    const at = this.#first;
    this.#first = (at + 1) & (this.#capacity - 1);
    this.length--;
    return this.#bytes[at]!;
  }

  /** Takes the oldest. There must be one. */
  shift(): PendingCommand {
    const at = this.#first;
    this.#first = (at + 1) & (this.#capacity - 1);
    this.length--;
    this.#taken.command = this.#commands[at]!;
    this.#taken.subcommand = this.#subcommands[at]!;
    this.#taken.argumentCount = this.#arguments[at]!;
    this.#taken.name = this.#names[at]!;
    this.#taken.channel = this.#channels[at]!;
    return {
      startMs: this.#starts[at]!,
      bytes: this.#bytes[at]!,
      command: this.#commands[at]!,
      subcommand: this.#subcommands[at]!,
      argumentCount: this.#arguments[at]!,
      clientName: this.#clientNames.text(this.#names[at]!),
      channel: this.#channelNames.text(this.#channels[at]!),
    };
  }

  #grow(): boolean {
    const old = this.#capacity;
    if (old >= MAX_PENDING) return false;
    const moved = <A extends Float64Array | Uint16Array | Uint8Array>(from: A, to: A): A => {
      to.set(from.subarray(this.#first) as never);
      to.set(from.subarray(0, this.#first) as never, old - this.#first);
      return to;
    };
    this.#capacity = old * 2;
    this.#starts = moved(this.#starts, new Float64Array(this.#capacity));
    this.#bytes = moved(this.#bytes, new Float64Array(this.#capacity));
    this.#arguments = moved(this.#arguments, new Float64Array(this.#capacity));
    this.#commands = moved(this.#commands, new Uint16Array(this.#capacity));
    this.#subcommands = moved(this.#subcommands, new Uint16Array(this.#capacity));
    this.#names = moved(this.#names, new Uint16Array(this.#capacity));
    this.#channels = moved(this.#channels, new Uint8Array(this.#capacity));
    this.#first = 0;
    return true;
  }
}

/** A few texts with a number each, 0 for none; what comes when it is full is none. */
class Texts {
  readonly #texts: (string | null)[] = [null];
  readonly #most: number;
  #lastText: string | null = null;
  #lastNumber = 0;

  constructor(most: number) {
    this.#most = most;
  }

  number(text: string | null): number {
    if (text === null) return 0;
    if (text === this.#lastText) return this.#lastNumber;
    let number = this.#texts.indexOf(text);
    if (number < 0 && this.#texts.length < this.#most) number = this.#texts.push(text) - 1;
    this.#lastText = text;
    this.#lastNumber = Math.max(0, number);
    return this.#lastNumber;
  }

  text(number: number): string | null {
    return this.#texts[number] ?? null;
  }
}
