/** Gathers a section of lines up to and with its first empty line: a head, or the trailers. Bounded. */
export type SectionBuffer = {
  /** Take bytes from `at` up to the end of the section; gives back how many. */
  take(chunk: Buffer, at: number): number;
  readonly whole: boolean;
  /** More than the limit came; the text is cut there. */
  readonly overflown: boolean;
  readonly bytes: number;
  /** Latin1 text of what was taken. */
  text(): string;
  reset(): void;
};

const CR = 0x0d;
const LF = 0x0a;

export function createSectionBuffer(maxBytes: number): SectionBuffer {
  let held = Buffer.alloc(0);
  let heldBytes = 0;
  let bytes = 0;
  let whole = false;
  let wholeText: string | null = null;
  /** Of the line that is open: how long it is, and whether its first byte is CR. */
  let lineBytes = 0;
  let lineStartsWithCr = false;

  const sectionEnd = (chunk: Buffer, at: number): number => {
    let next = at;
    while (next < chunk.length) {
      const lf = chunk.indexOf(LF, next);
      const lineEnd = lf < 0 ? chunk.length : lf;
      if (lineBytes === 0 && lineEnd > next) lineStartsWithCr = chunk[next] === CR;
      lineBytes += lineEnd - next;
      if (lf < 0) return chunk.length;
      next = lf + 1;
      whole = lineBytes === 0 || (lineBytes === 1 && lineStartsWithCr);
      lineBytes = 0;
      if (whole) return next;
    }
    return next;
  };
  const hold = (piece: Buffer): void => {
    const kept = piece.subarray(0, maxBytes - heldBytes);
    if (heldBytes + kept.length > held.length) {
      const larger = Buffer.alloc(
        Math.min(maxBytes, Math.max(1024, held.length * 2, heldBytes + kept.length)),
      );
      held.copy(larger, 0, 0, heldBytes);
      held = larger;
    }
    kept.copy(held, heldBytes);
    heldBytes += kept.length;
  };

  return {
    take(chunk, at) {
      const end = sectionEnd(chunk, at);
      bytes += end - at;
      // A section that lies in one chunk, the usual case, is never copied.
      if (whole && heldBytes === 0 && bytes <= maxBytes) wholeText = chunk.toString('latin1', at, end);
      else hold(chunk.subarray(at, end));
      return end - at;
    },
    get whole() {
      return whole;
    },
    get overflown() {
      return bytes > maxBytes;
    },
    get bytes() {
      return bytes;
    },
    text: () => wholeText ?? held.toString('latin1', 0, heldBytes),
    reset() {
      if (heldBytes > 0) held = Buffer.alloc(0);
      heldBytes = bytes = lineBytes = 0;
      whole = false;
      wholeText = null;
    },
  };
}
