import { watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** What a growing file has to say. A chunk is valid until the next one is asked for. */
export type FollowedPiece =
  | { kind: 'data'; chunk: Buffer }
  /** All there is now has been read. */
  | { kind: 'caught-up' }
  /** The file was cut or replaced: what comes next begins at its first byte. */
  | { kind: 'restart' };

const chunkBytes = 1 << 20;
/** File systems over a network tell nothing: look as often as this whatever happens. */
const pollMs = 250;

/**
 * Reads a file and goes on as it grows; waits for one that is not there yet; begins again where it is replaced (rotation by
 * rename) or cut short (rotation by copy). Ends when `signal` aborts.
 */
export async function* followFile(path: string, signal: AbortSignal): AsyncGenerator<FollowedPiece> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const bell = createBell(path, signal);
  let file: FileHandle | null = null;
  let offset = 0;
  let isOld = false;
  try {
    while (!signal.aborted) {
      file ??= await openIfThere(path);
      if (file !== null) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
        offset += bytesRead;
        if (bytesRead > 0) {
          yield { kind: 'data', chunk: buffer.subarray(0, bytesRead) };
          continue;
        }
        if (!isOld && (await isReplaced(path, file))) {
          // Its last lines may have come between the read that found none and the new file: read once more.
          isOld = true;
          continue;
        }
        if (isOld || (await file.stat()).size < offset) {
          if (isOld) {
            await file.close();
            file = null;
          }
          isOld = false;
          offset = 0;
          yield { kind: 'restart' };
          continue;
        }
      }
      yield { kind: 'caught-up' };
      await bell.ring();
    }
  } finally {
    bell.close();
    await file?.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Whether the path leads to another file than the open one; a path that leads nowhere is a rotation half done. */
async function isReplaced(path: string, file: FileHandle): Promise<boolean> {
  try {
    const [now, held] = await Promise.all([stat(path), file.stat()]);
    return now.ino !== held.ino || now.dev !== held.dev;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Rings when something happens to the file or its name, at the latest after pollMs. */
function createBell(path: string, signal: AbortSignal): { ring(): Promise<void>; close(): void } {
  let rung = false;
  let wake: (() => void) | null = null;
  const ring = (): void => {
    rung = true;
    wake?.();
  };
  signal.addEventListener('abort', ring);
  const watcher = watchFolder(path, ring);
  return {
    async ring() {
      if (!rung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, pollMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = null;
      rung = false;
    },
    close() {
      signal.removeEventListener('abort', ring);
      watcher?.close();
    },
  };
}

/** The folder, not the file: that one may be replaced or not be there yet. Null where it cannot be watched; polling does then. */
function watchFolder(path: string, ring: () => void): ReturnType<typeof watch> | null {
  const name = basename(path);
  try {
    const watcher = watch(dirname(path), (_event, changed) => {
      if (changed === null || changed === name) ring();
    });
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}
