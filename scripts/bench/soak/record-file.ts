import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

export type Summary = { kinds: Record<string, number>; stop: Record<string, unknown> | null };

/** Lines by kind, and the `stop` line. The kind comes first in every line, so that none but the last needs parsing. */
export async function summarize(path: string): Promise<Summary> {
  const kinds: Record<string, number> = {};
  let last = '';
  for await (const line of createInterface({ input: createReadStream(path, { highWaterMark: 1 << 20 }) })) {
    const kind = /^\{"kind":"(\w+)"/.exec(line)?.[1] ?? 'unreadable';
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    last = line;
  }
  const stop = last.startsWith('{"kind":"meta","event":"stop"')
    ? (JSON.parse(last) as Record<string, unknown>)
    : null;
  return { kinds, stop };
}
