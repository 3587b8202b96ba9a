import { SUBSCRIBING, UNSUBSCRIBING } from './kinds.ts';
import type { ReplyReader } from './reply-reader.ts';

/** The sorts of subscription; Redis counts channels and patterns together, and shard channels apart. */
const sorts = { subscribe: 'channels', psubscribe: 'patterns', ssubscribe: 'shards' } as const;
const undone = { unsubscribe: 'channels', punsubscribe: 'patterns', sunsubscribe: 'shards' } as const;
const messages = ['message', 'pmessage', 'smessage'] as const;

type Sort = 'channels' | 'patterns' | 'shards';

/**
 * What a connection is subscribed to, and which of what comes is no reply. In RESP3 a pushed message has a type of its own; in
 * RESP2 it is an array like any other, and only a client that is subscribed gets one.
 */
export class Subscriptions {
  readonly #counts: Record<Sort, number> = { channels: 0, patterns: 0, shards: 0 };
  /** Confirmations that are still to come for the oldest command; null before the first. */
  #expected: number | null = null;

  get active(): boolean {
    return this.#counts.channels + this.#counts.patterns + this.#counts.shards > 0;
  }

  clear(): void {
    this.#counts.channels = this.#counts.patterns = this.#counts.shards = 0;
    this.#expected = null;
  }

  /** Whether an array of RESP2 is a message to a subscriber. */
  isMessage(reader: ReplyReader): boolean {
    return this.active && messages.some((kind) => reader.word.is(kind));
  }

  /**
   * A confirmation: whether it is one that `command` with so many arguments waits for, and the last of them. Null: it is none.
   * Counts the subscriptions.
   */
  confirm(
    reader: ReplyReader,
    command: number | null,
    argumentCount: number,
  ): { answers: boolean; last: boolean } | null {
    const subscribed = kindOf(sorts, reader);
    const sort = subscribed ?? kindOf(undone, reader);
    if (sort === null) return null;
    const waits = subscribed !== null ? SUBSCRIBING : UNSUBSCRIBING;
    const isAnswer = command !== null && waits.has(command);
    const before = this.#counts[sort];
    if (!isAnswer && reader.type !== 'push') return null;
    this.#count(sort, reader.count);
    if (!isAnswer) return { answers: false, last: false };
    // Without arguments everything of that sort is unsubscribed, or "nothing" once.
    this.#expected ??= argumentCount > 0 ? argumentCount : Math.max(1, before);
    this.#expected--;
    const last = this.#expected <= 0;
    if (last) this.#expected = null;
    return { answers: true, last };
  }

  /** The command was answered otherwise, by an error. */
  refused(): void {
    this.#expected = null;
  }

  /** A confirmation tells how many subscriptions there are now: of channels and patterns together, or of shard channels. */
  #count(sort: Sort, now: number | null): void {
    if (now === null) return;
    const other =
      sort === 'channels' ? this.#counts.patterns : sort === 'patterns' ? this.#counts.channels : 0;
    this.#counts[sort] = Math.max(0, now - other);
  }
}

function kindOf(kinds: Record<string, Sort>, reader: ReplyReader): Sort | null {
  for (const kind in kinds) if (reader.word.is(kind)) return kinds[kind]!;
  return null;
}
