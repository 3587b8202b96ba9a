import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';

const CHUNK = 64 * 1024;
const LONGEST_TAIL = 64 * 1024 * 1024;

/**
 * Opens the record file for appending (created 0600) and returns its descriptor; `-` is standard output.
 * A last line that a killed process left unfinished is cut off, so that what is appended starts on a line of its own;
 * `removedBytes` tells how much. Throws when the file ends in anything else than a record: it is then not ours to touch.
 */
export function openRecordFile(path: string): { fd: number; removedBytes: number } {
  if (path === '-') return { fd: 1, removedBytes: 0 };
  const fd = openSync(path, 'a+', 0o600);
  try {
    return { fd, removedBytes: repairTail(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Cuts off what stands behind the last newline; returns how much. Throws when that is not the beginning of a record. */
export function repairTail(fd: number): number {
  const stat = fstatSync(fd);
  if (!stat.isFile() || stat.size === 0) return 0;
  const start = lastLineStart(fd, stat.size);
  if (start === null || start === stat.size) return 0;
  const head = Buffer.alloc(Math.min(RECORD_START.length, stat.size - start));
  readSync(fd, head, 0, head.length, start);
  if (!RECORD_START.startsWith(head.toString('latin1'))) {
    throw new Error('it ends in the middle of a line that is not a record; is it another file?');
  }
  ftruncateSync(fd, start);
  return stat.size - start;
}

const RECORD_START = '{"kind":"';

/** Offset behind the last newline; null when there is none within reach. */
function lastLineStart(fd: number, size: number): number | null {
  const chunk = Buffer.alloc(CHUNK);
  for (let end = size; end > 0 && size - end < LONGEST_TAIL; end -= CHUNK) {
    const from = Math.max(0, end - CHUNK);
    const length = readSync(fd, chunk, 0, end - from, from);
    const newline = chunk.subarray(0, length).lastIndexOf(0x0a);
    if (newline !== -1) return from + newline + 1;
    if (from === 0) return 0;
  }
  return null;
}
