/** A mistake in a filter: what, where, and the filter with a mark under the place. */
export class FilterError extends Error {
  /** Counted from 1. */
  readonly column: number;

  constructor(text: string, column: number, message: string) {
    super(`filter:1:${column}: ${message}\n  ${text}\n  ${' '.repeat(column - 1)}^`);
    this.column = column;
  }
}
