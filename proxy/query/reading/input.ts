import { open } from 'node:fs/promises';
import { fileTrouble } from '../../../protos/text/system-error.ts';
import { type FollowedPiece, followFile } from './follow.ts';

/** An input that cannot be read at all, in words. */
export class InputError extends Error {}

/** An input that is packed by gzip. */
export class CompressedError extends InputError {
  readonly path: string;

  constructor(path: string) {
    super(`${path === '-' ? 'standard input' : path} is compressed by gzip`);
    this.path = path;
  }
}

const chunkBytes = 1 << 20;

/**
 * The bytes of `path`, or of standard input for `-`, in pieces; with `follow` it goes on until `signal` aborts. Throws an
 * InputError for what cannot be opened or read.
 */
export async function* readInput(
  path: string,
  follow: boolean,
  signal: AbortSignal,
): AsyncGenerator<FollowedPiece> {
  try {
    if (path === '-') yield* readStdin(signal);
    else if (follow) yield* followFile(path, signal);
    else yield* readFile(path, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new InputError(`${path === '-' ? 'standard input' : path}: ${fileTrouble(error)}`);
  }
}

/** One buffer for the whole file: the memory it takes does not depend on its size. */
async function* readFile(path: string, signal: AbortSignal): AsyncGenerator<FollowedPiece> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    while (!signal.aborted) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      yield { kind: 'data', chunk: buffer.subarray(0, bytesRead) };
    }
  } finally {
    await file.close();
  }
}

/** A pipe may be quiet for long: what came before is all there is for now. */
async function* readStdin(signal: AbortSignal): AsyncGenerator<FollowedPiece> {
  const { stdin } = process;
  const stop = (): void => {
    stdin.destroy();
  };
  if (signal.aborted) return;
  signal.addEventListener('abort', stop);
  try {
    for await (const chunk of stdin) {
      yield { kind: 'data', chunk: chunk as Buffer };
      if (stdin.readableLength === 0) yield { kind: 'caught-up' };
    }
  } catch (error) {
    // Destroyed by the signal: an end as good as any.
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
