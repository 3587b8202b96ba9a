import { mkdirSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A file that always holds a whole, recent state, however often the state changes. */
export type LatestFile = {
  /** Write the newest state soon: one write at a time, states in between are left out. */
  update(text: () => string): void;
  /** Resolves when the newest state stands in the file. @throws what a write met. */
  settled(): Promise<void>;
};

/** Atomic by rename, so that a crash leaves the state before; off the caller's path, because a rename can take milliseconds. */
export function latestFile(path: string): LatestFile {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  let newest: (() => string) | null = null;
  let writing: Promise<void> | null = null;
  let failure: Error | null = null;
  const hurry = Promise.withResolvers<void>();
  const writeAll = async (): Promise<void> => {
    for (let text = newest; text !== null; text = newest) {
      newest = null;
      await writeFile(temporary, text());
      await rename(temporary, path);
      await Promise.race([wait(restMs, undefined, { ref: false }), hurry.promise]);
    }
  };
  return {
    update: (text) => {
      newest = text;
      writing ??= writeAll()
        .catch((error: Error) => {
          failure = error;
        })
        .finally(() => {
          writing = null;
        });
    },
    settled: async () => {
      hurry.resolve();
      while (writing !== null) await writing;
      if (failure !== null) throw failure;
    },
  };
}

/** Each state holds all cases so far: written without a rest they would cost a second of a whole run. */
const restMs = 250;
