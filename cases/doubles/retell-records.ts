import type { ChildProcess } from 'node:child_process';
import { appendFileSync, openSync, readSync, watch } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

/**
 * Writes what `retold` makes of each line of `truth` to the end of `told`, as the lines come, until the proxy that writes them
 * has ended; then this process ends with its code.
 */
export function retellRecords(
  child: ChildProcess,
  { truth, told }: { truth: string; told: string },
  retold: (line: string) => string,
): void {
  let rest = '';
  // A read may end inside a character.
  const decoder = new StringDecoder('utf8');
  const file = openSync(truth, 'r');
  const buffer = Buffer.alloc(1 << 20);
  const retell = (): void => {
    for (;;) {
      const read = readSync(file, buffer, 0, buffer.length, null);
      if (read === 0) return;
      const lines = (rest + decoder.write(buffer.subarray(0, read))).split('\n');
      rest = lines.pop()!;
      appendFileSync(told, lines.map(retold).join(''));
    }
  };
  const watcher = watch(truth, retell);
  child.on('exit', (code) => {
    watcher.close();
    retell();
    process.exit(code ?? 1);
  });
  retell();
}
