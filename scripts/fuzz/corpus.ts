import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Step } from '../../protos/testing/fuzz-target.ts';
import { formatTranscript, parseTranscript } from './transcript.ts';

export type CorpusFile = { name: string; steps: Step[] };

export const corpusFolder = fileURLToPath(new URL('corpus', import.meta.url));

/** The inputs kept for a target, by name. */
export function readCorpus(target: string, sides: readonly string[], folder = corpusFolder): CorpusFile[] {
  const path = join(folder, target);
  if (!existsSync(path)) return [];
  const names = readdirSync(path).filter((name) => name.endsWith('.txt'));
  return names.sort().map((name) => {
    try {
      return { name, steps: parseTranscript(readFileSync(join(path, name), 'utf8'), sides) };
    } catch (error) {
      throw new Error(`${join(path, name)}: ${(error as Error).message}`);
    }
  });
}

/** Writes an input under a name made of its bytes; gives back the path, or null when it is there already. */
export function keepInput(
  target: string,
  sides: readonly string[],
  steps: readonly Step[],
  { why, comment, folder = corpusFolder }: { why: string; comment: string; folder?: string },
): string | null {
  const text = formatTranscript(steps, sides, comment);
  const hash = createHash('sha256').update(formatTranscript(steps, sides)).digest('hex').slice(0, 8);
  const path = join(folder, target, `${why}-${hash}.txt`);
  if (existsSync(path)) return null;
  mkdirSync(join(folder, target), { recursive: true });
  writeFileSync(path, text);
  return path;
}
