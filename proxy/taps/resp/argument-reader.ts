import { CLIENT, HELLO, NAMING_A_CHANNEL, REPLY, SETNAME } from './kinds.ts';
import { commandIndex, hasSubcommands, subcommandIndex, UNKNOWN } from './names.ts';
import { Word } from './word.ts';

/** Channels that are Redis's own: their names tell nothing of a user's data. */
const OWN_CHANNELS: readonly string[] = ['__sentinel__:hello', '__redis__:invalidate'];

const SPACE = 0x20;
const SINGLE = 0x27;
const DOUBLE = 0x22;
const BACKSLASH = 0x5c;

/** How far the reading of `HELLO ver [AUTH user password] [SETNAME name]` has come: words to skip, or the name is next; without a version it cannot be read. */
type HelloStep = 'option' | 'skip2' | 'skip1' | 'name' | 'unreadable';

/**
 * What is kept of a command's arguments: the names of the command and its subcommand, and of what follows only how many
 * there are, the client's name where it gives one, and a channel of Redis's own.
 */
export class ArgumentReader {
  command = UNKNOWN;
  subcommand = UNKNOWN;
  /** Words of the command, its name among them: as declared, or of an inline command so far. */
  count = 0;
  /** The name the client gives itself with this command. */
  clientName: string | null = null;
  channel: string | null = null;
  /** The word after CLIENT REPLY in upper case. */
  replyMode: string | null = null;
  #index = -1;
  #wanted = false;
  #hello: HelloStep = 'option';
  readonly #word = new Word();
  /** The name read last: a pipeline repeats it, and comparing bytes is cheaper than looking a text up. */
  #lastText = '';
  #lastIndex = UNKNOWN;
  #quote = 0;
  #escaped = false;
  #inWord = false;
  #afterQuote = false;
  #unbalanced = false;

  begin(): void {
    this.command = UNKNOWN;
    this.subcommand = UNKNOWN;
    this.count = 0;
    this.clientName = null;
    this.channel = null;
    this.replyMode = null;
    this.#index = -1;
    this.#hello = 'option';
  }

  declare(count: number): void {
    this.count = count;
  }

  beginArgument(): void {
    this.#index++;
    this.#wanted = this.#isWanted();
    this.#word.clear();
  }

  bytes(chunk: Buffer, from: number, to: number): void {
    if (this.#wanted) this.#word.pushAll(chunk, from, to);
  }

  endArgument(): void {
    if (this.command === HELLO && this.#index > 1) this.#helloOption();
    if (!this.#wanted || (this.command === HELLO && this.#index > 1)) return;
    switch (this.#index) {
      case 0:
        this.command = this.#commandOf();
        break;
      case 1:
        if (hasSubcommands(this.command)) this.subcommand = subcommandIndex(this.command, this.#upperCase());
        else if (NAMING_A_CHANNEL.has(this.command)) {
          const channel = this.#word.text();
          this.channel = channel !== null && OWN_CHANNELS.includes(channel) ? channel : null;
        } else if (!/^\d+$/.test(this.#word.text() ?? '')) this.#hello = 'unreadable';
        break;
      default:
        if (this.subcommand === SETNAME) this.clientName = this.#clientName();
        else if (this.subcommand === REPLY) this.replyMode = this.#upperCase();
    }
  }

  beginLine(): void {
    this.#quote = 0;
    this.#escaped = this.#inWord = this.#afterQuote = this.#unbalanced = false;
  }

  /** One byte of an inline command, split into words as Redis does (sds.c, sdssplitargs). */
  lineByte(byte: number): void {
    if (this.#escaped) {
      this.#escaped = false;
      this.#lineWord(byte);
    } else if (this.#quote !== 0) {
      if (byte === this.#quote) {
        this.#quote = 0;
        this.#afterQuote = true;
      } else if (byte === BACKSLASH) this.#escaped = true;
      else this.#lineWord(byte);
    } else if (byte === SPACE || (byte >= 0x09 && byte <= 0x0d) || byte === 0) {
      this.#endWord();
    } else {
      if (this.#afterQuote) this.#unbalanced = true;
      if (!this.#inWord) this.#beginWord();
      if (byte === SINGLE || byte === DOUBLE) this.#quote = byte;
      else this.#lineWord(byte);
    }
  }

  /** False when a quote is not closed, or not followed by a space. */
  endLine(): boolean {
    const balanced = this.#quote === 0 && !this.#unbalanced;
    this.#endWord();
    return balanced;
  }

  #beginWord(): void {
    this.#inWord = true;
    this.count++;
    this.beginArgument();
  }

  #lineWord(byte: number): void {
    if (this.#wanted) this.#word.push(byte);
  }

  #endWord(): void {
    if (this.#inWord) this.endArgument();
    this.#inWord = this.#afterQuote = false;
  }

  #isWanted(): boolean {
    if (this.#index === 0) return true;
    const { command } = this;
    if (this.#index === 1)
      return hasSubcommands(command) || NAMING_A_CHANNEL.has(command) || command === HELLO;
    // The words that AUTH skips are a user and a password: they are not even held.
    if (command === HELLO) return this.#hello === 'option' || this.#hello === 'name';
    return command === CLIENT && this.#index === 2;
  }

  #helloOption(): void {
    switch (this.#hello) {
      case 'option': {
        const option = this.#upperCase();
        this.#hello = option === 'AUTH' ? 'skip2' : option === 'SETNAME' ? 'name' : 'option';
        break;
      }
      case 'skip2':
        this.#hello = 'skip1';
        break;
      case 'skip1':
        this.#hello = 'option';
        break;
      case 'name':
        this.clientName = this.#clientName();
        this.#hello = 'option';
    }
  }

  /** Redis takes printable characters without spaces alone (networking.c, validateClientName). */
  #clientName(): string | null {
    const name = this.#word.text();
    return name !== null && /^[!-~]+$/.test(name) ? name : null;
  }

  #commandOf(): number {
    if (this.#word.is(this.#lastText)) return this.#lastIndex;
    const text = this.#word.text();
    const index = text === null ? UNKNOWN : commandIndex(text.toUpperCase());
    // Of a name that is not shown nothing is kept, nor what would take long to compare.
    if (index !== UNKNOWN && text !== null) {
      this.#lastText = text;
      this.#lastIndex = index;
    }
    return index;
  }

  #upperCase(): string {
    return this.#word.text()?.toUpperCase() ?? '';
  }
}
