import type { ArgumentReader } from './argument-reader.ts';
import { CLIENT, DISCARD, EXEC, HELLO, MULTI, REPLY, RESET } from './kinds.ts';
import type { ReplyReader } from './reply-reader.ts';
import { Subscriptions } from './subscriptions.ts';

/** What decides to which command a reply belongs: transactions, subscriptions, replies that the client wants none of. */
export class Pairing {
  /** The version in effect, HELLO having been answered. */
  respVersion: 2 | 3 = 2;
  readonly #subscriptions = new Subscriptions();
  #inTransaction = false;
  /** CLIENT REPLY OFF, and SKIP, which is for one command. */
  #off = false;
  #skipsNext = false;

  /** Whether no reply will come to the command that was just read (redis.io/commands/client-reply). */
  suppresses(reader: ArgumentReader): boolean {
    const skips = this.#skipsNext;
    this.#skipsNext = false;
    if (reader.command === RESET) {
      this.#off = false;
      return false;
    }
    if (reader.command === CLIENT && reader.subcommand === REPLY) {
      if (reader.replyMode === 'ON') this.#off = false;
      else if (reader.replyMode === 'OFF') this.#off = true;
      else if (reader.replyMode === 'SKIP') this.#skipsNext = !this.#off;
      if (reader.replyMode === 'SKIP') return true;
    }
    return this.#off || skips;
  }

  /** A reply to no command: the CLIENT REPLY that asked for none was refused, as by a server that wants a password first. */
  unsolicited(): void {
    this.#off = this.#skipsNext = false;
  }

  /** A reply, a pushed message, or a confirmation after which more come for the same command. */
  classify(reader: ReplyReader, command: number | null, argumentCount: number): 'reply' | 'message' | 'part' {
    const isPush = reader.type === 'push';
    if (!isPush && reader.type !== 'array') return this.#whole();
    const confirmed = this.#subscriptions.confirm(reader, command, argumentCount);
    if (confirmed !== null)
      return confirmed.last ? 'reply' : isPush && !confirmed.answers ? 'message' : 'part';
    if (isPush) return 'message';
    return this.respVersion === 2 && this.#subscriptions.isMessage(reader) ? 'message' : this.#whole();
  }

  /** In a transaction a command is answered QUEUED at once, and by EXEC in the end. */
  isQueued(reader: ReplyReader): boolean {
    return this.#inTransaction && reader.type === 'simple_string' && reader.word.is('QUEUED');
  }

  /** A command has its reply. */
  answered(reader: ReplyReader, command: number): void {
    if (command === MULTI && reader.type === 'simple_string') this.#inTransaction = true;
    else if (command === EXEC || command === DISCARD) this.#inTransaction = false;
    // HELLO 3 is answered by a map, HELLO 2 by an array.
    else if (command === HELLO && reader.type === 'map') this.respVersion = 3;
    else if (command === HELLO && reader.type === 'array') this.respVersion = 2;
    else if (command === RESET && reader.type === 'simple_string') {
      this.respVersion = 2;
      this.#inTransaction = false;
      this.#subscriptions.clear();
    }
  }

  #whole(): 'reply' {
    this.#subscriptions.refused();
    return 'reply';
  }
}
