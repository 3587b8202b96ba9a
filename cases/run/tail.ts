import { closeSync, existsSync, type FSWatcher, openSync, readSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Follows a growing file line by line. */
export type Tail = {
  /** Reads what is there now; called by the watcher, by a slow timer where watching fails, and before a verdict. */
  poll(): void;
  close(): void;
};

/** `onLine` gets every whole line once, with its number from 1. The file may appear later. */
export function tailLines(path: string, onLine: (text: string, line: number) => void): Tail {
  let descriptor: number | null = null;
  let position = 0;
  let line = 0;
  let rest = Buffer.alloc(0);
  const chunk = Buffer.allocUnsafe(256 * 1024);
  const poll = () => {
    if (descriptor === null) {
      if (!existsSync(path)) return;
      descriptor = openSync(path, 'r');
    }
    for (;;) {
      const count = readSync(descriptor, chunk, 0, chunk.length, position);
      if (count === 0) return;
      position += count;
      let text = rest.length > 0 ? Buffer.concat([rest, chunk.subarray(0, count)]) : chunk.subarray(0, count);
      for (let end = text.indexOf(10); end !== -1; end = text.indexOf(10)) {
        onLine(text.toString('utf8', 0, end), ++line);
        text = text.subarray(end + 1);
      }
      rest = Buffer.from(text);
    }
  };
  let watcher: FSWatcher | null = null;
  try {
    // The folder, because the file may not exist yet.
    watcher = watch(dirname(path), (_event, name) => {
      if (name === null || name === basename(path)) poll();
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // No inotify left (a full table, a network file system): the timer alone still sees every line.
  }
  const timer = setInterval(poll, watcher ? 250 : 25);
  return {
    poll,
    close: () => {
      clearInterval(timer);
      watcher?.close();
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
    },
  };
}
