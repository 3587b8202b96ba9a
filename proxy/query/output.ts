/** Standard output for much text: gathered into large writes, and whoever produces it waits while nobody reads. */
export function createOutput(): { write(line: string): void; drained(): Promise<void> | null } {
  let pending = '';
  return {
    write(line) {
      pending += `${line}\n`;
    },
    drained() {
      if (pending === '') return null;
      const text = pending;
      pending = '';
      if (process.stdout.write(text)) return null;
      return new Promise((resolve) => process.stdout.once('drain', resolve));
    },
  };
}
