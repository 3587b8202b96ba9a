/** The size in a chunk-size line (RFC 9112 7.1), extensions left aside; null when it is not one or over 2^52. */
export function parseChunkSize(line: string): number | null {
  const match = pattern.exec(line);
  return match === null ? null : Number.parseInt(match[1]!, 16);
}

const pattern = /^0*([0-9A-Fa-f]{1,13})[ \t]*(?:;.*)?$/s;
