/** What a table says of a word from a record; a word such as `constructor` or `__proto__` is no entry of any table. */
export function ownEntry<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}
