import type { Exchange } from './exchange.ts';

/**
 * The open exchanges of one connection, by stream number and in the order they began.
 *
 * Not a Map: one whose entries come and go is copied into a new table every few entries, and each table left behind in the
 * old generation keeps the exchanges in it alive until a full collection. Three of four finished exchanges lived on that
 * way, and collecting them cost 1.5 us for each request.
 */
export class OpenStreams {
  #buckets: (Exchange | null)[] = new Array(8).fill(null);
  #oldest: Exchange | null = null;
  #newest: Exchange | null = null;
  size = 0;

  get oldest(): Exchange | null {
    return this.#oldest;
  }

  get(streamId: number): Exchange | undefined {
    let exchange: Exchange | null = this.#buckets[this.#bucketOf(streamId)]!;
    while (exchange !== null && exchange.streamId !== streamId) exchange = exchange.nextInBucket;
    return exchange ?? undefined;
  }

  /** The stream must not be open yet. */
  add(exchange: Exchange): void {
    if (this.size === this.#buckets.length) this.#grow();
    this.#chain(exchange);
    exchange.older = this.#newest;
    if (this.#newest === null) this.#oldest = exchange;
    else this.#newest.newer = exchange;
    this.#newest = exchange;
    this.size++;
  }

  delete(exchange: Exchange): void {
    if (!this.#unchain(exchange)) return;
    const { older, newer } = exchange;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    // A finished exchange that still points at younger ones would keep them alive in the same way.
    exchange.older = null;
    exchange.newer = null;
    this.size--;
  }

  /** Oldest first. */
  all(): Exchange[] {
    const list: Exchange[] = [];
    for (let exchange = this.#oldest; exchange !== null; exchange = exchange.newer) list.push(exchange);
    return list;
  }

  /** Numbers of one side are all odd or all even; the factor keeps a client that skips numbers from filling one bucket. */
  #bucketOf(streamId: number): number {
    return (Math.imul(streamId, spread) >>> 8) & (this.#buckets.length - 1);
  }

  #chain(exchange: Exchange): void {
    const bucket = this.#bucketOf(exchange.streamId);
    exchange.nextInBucket = this.#buckets[bucket]!;
    this.#buckets[bucket] = exchange;
  }

  #unchain(exchange: Exchange): boolean {
    const bucket = this.#bucketOf(exchange.streamId);
    let before: Exchange | null = null;
    let at: Exchange | null = this.#buckets[bucket]!;
    while (at !== null && at !== exchange) {
      before = at;
      at = at.nextInBucket;
    }
    if (at === null) return false;
    if (before === null) this.#buckets[bucket] = exchange.nextInBucket;
    else before.nextInBucket = exchange.nextInBucket;
    exchange.nextInBucket = null;
    return true;
  }

  #grow(): void {
    this.#buckets = new Array(this.#buckets.length * 2).fill(null);
    for (let exchange = this.#oldest; exchange !== null; exchange = exchange.newer) this.#chain(exchange);
  }
}

/** Odd, and another in each process. */
const spread = (Math.floor(Math.random() * 0x7fff_ffff) << 1) | 1;
