import { FilterError } from './filter-error.ts';
import type { Located } from './syntax.ts';

/**
 * Reads a filter from left to right. As in 1.50 a value ends at a blank outside parentheses, so that `path~^/(a b)$` is one
 * value; a `\` takes the next character's meaning away, so that `path~\(` leaves nothing open. Quotes count where a value begins.
 */
export class TokenReader {
  readonly text: string;
  #at = 0;
  #openGroups = 0;

  constructor(text: string) {
    this.text = text;
    this.#blanks();
  }

  /** Of the next character, counted from 1. */
  get column(): number {
    return this.#at + 1;
  }

  get rest(): string {
    return this.text.slice(this.#at);
  }

  atEnd(): boolean {
    return this.#at >= this.text.length;
  }

  atClose(): boolean {
    return this.text[this.#at] === ')';
  }

  atKeyword(word: 'AND' | 'OR' | 'NOT'): boolean {
    return this.text.startsWith(word, this.#at) && /^$|^[\s(]/.test(this.text.slice(this.#at + word.length));
  }

  takeKeyword(word: 'AND' | 'OR' | 'NOT'): boolean {
    return this.atKeyword(word) && this.#take(word.length);
  }

  /** A lone `-` is a word. */
  takeMinus(): boolean {
    return /^-\S/.test(this.rest.slice(0, 2)) && this.#take(1);
  }

  takeOpen(): boolean {
    if (this.text[this.#at] !== '(') return false;
    this.#openGroups += 1;
    return this.#take(1);
  }

  takeClose(): boolean {
    if (!this.atClose()) return false;
    this.#openGroups -= 1;
    return this.#take(1);
  }

  /** The `in (` after a field. */
  takeIn(): boolean {
    const found = /^in\s*\(/.exec(this.rest);
    return found !== null && this.#take(found[0].length);
  }

  skip(length: number): void {
    this.#at += length;
  }

  /** Up to the next blank, or what quotes hold. A `)` too many belongs to it, as in 1.50, unless it closes a group. */
  takeValue(): Located {
    const { column } = this;
    const quote = this.text[this.#at];
    if (quote === '"' || quote === "'") return { value: this.#quoted(quote), column };
    let open = 0;
    let end = this.#at;
    for (; end < this.text.length; end++) {
      const character = this.text[end]!;
      if (character === '\\') end += 1;
      else if (character === '(') open += 1;
      else if (character === ')' && open === 0 && this.#openGroups > 0) break;
      else if (character === ')') open = Math.max(0, open - 1);
      else if (open === 0 && /\s/.test(character)) break;
    }
    const value = this.text.slice(this.#at, end);
    this.#take(value.length);
    return { value, column };
  }

  /** `a, b*, "c d")` after `in (`. */
  takeItems(): Located[] {
    const opened = this.column - 1;
    const items: Located[] = [];
    for (;;) {
      this.#blanks();
      const { column } = this;
      const character = this.text[this.#at];
      if (character === undefined) throw new FilterError(this.text, opened, 'this list is never closed by )');
      if (character === ')') {
        this.#take(1);
        return items;
      }
      if (character === ',') this.#take(1);
      else if (character === '"' || character === "'") items.push({ value: this.#quoted(character), column });
      else {
        const value = /^[^,)]+/.exec(this.rest)![0];
        this.#at += value.length;
        items.push({ value: value.trim(), column });
      }
    }
  }

  /** Inside quotes a backslash keeps its meaning for regular expressions: it only protects the quote. */
  #quoted(quote: string): string {
    const begin = this.#at;
    let value = '';
    for (let at = begin + 1; at < this.text.length; at++) {
      const character = this.text[at]!;
      if (character === quote) {
        this.#take(at + 1 - begin);
        return value;
      }
      if (character === '\\' && this.text[at + 1] === quote) at += 1;
      value += this.text[at];
    }
    throw new FilterError(this.text, begin + 1, `this quote is never closed by ${quote}`);
  }

  #take(length: number): true {
    this.#at += length;
    this.#blanks();
    return true;
  }

  #blanks(): void {
    while (/\s/.test(this.text[this.#at] ?? '')) this.#at += 1;
  }
}
