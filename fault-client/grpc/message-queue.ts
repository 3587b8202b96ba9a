/** Items one side puts and the other awaits, in order; after `end` what is left can still be taken. */
export class MessageQueue<Item> {
  #items: Item[] = [];
  #ended = false;
  #waiting: ((item: Item | null) => void)[] = [];

  put(item: Item): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(item);
    else this.#items.push(item);
  }

  end(): void {
    this.#ended = true;
    for (const waiting of this.#waiting.splice(0)) waiting(null);
  }

  next(): Promise<Item | null> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    if (this.#ended) return Promise.resolve(null);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
