/** Counts values and keeps the frequent ones: when it is full, values seen once make room. Memory is bounded. */
export class Counter {
  readonly #most: number;
  readonly #counts = new Map<string, number>();
  /** Additions to values that were given up. */
  lost = 0;

  constructor(most = 200) {
    this.#most = most;
  }

  add(value: string, count = 1): void {
    const known = this.#counts.get(value);
    if (known === undefined && this.#counts.size >= this.#most) this.#makeRoom();
    if (known === undefined && this.#counts.size >= this.#most) this.lost += count;
    else this.#counts.set(value, (known ?? 0) + count);
  }

  get(value: string): number {
    return this.#counts.get(value) ?? 0;
  }

  get size(): number {
    return this.#counts.size;
  }

  /** Most often first; of equal ones, in the order of their names. */
  top(most: number): { value: string; count: number }[] {
    return [...this.#counts]
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
      .slice(0, most);
  }

  #makeRoom(): void {
    const limit = Math.ceil(this.#most / 4);
    let freed = 0;
    for (const [value, count] of this.#counts) {
      if (freed >= limit) return;
      if (count > 1) continue;
      this.#counts.delete(value);
      this.lost += 1;
      freed += 1;
    }
  }
}
