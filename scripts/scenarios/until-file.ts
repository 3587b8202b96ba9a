/** Waits for what a program writes into a file. */
import { readFileSync, watch } from 'node:fs';

const LIMIT_MS = 5000;

/** The first answer of `look` to the file's whole lines that is not null. @throws `what` after 5 s. */
export function untilFile<Answer>(
  path: string,
  what: string,
  look: (lines: string[]) => Answer | null,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const again = () => {
      const answer = look(readFileSync(path, 'utf8').split('\n').slice(0, -1));
      if (answer === null) return;
      end();
      resolve(answer);
    };
    const watcher = watch(path, again);
    const limit = setTimeout(() => {
      end();
      reject(new Error(`${path}: not within ${LIMIT_MS} ms: ${what}`));
    }, LIMIT_MS);
    const end = () => {
      watcher.close();
      clearTimeout(limit);
    };
    again();
  });
}
