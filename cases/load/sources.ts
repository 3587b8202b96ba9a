import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { resolve } from 'node:path';

/** A file of the catalogue as it is now. */
export type Source = { path: string; text: string };

/** Every `*.yaml` under `folder`, in the order of their paths, which are absolute. */
export async function readSources(folder: string): Promise<Source[]> {
  const paths: string[] = [];
  for await (const path of glob('**/*.{yaml,yml}', { cwd: folder })) paths.push(resolve(folder, path));
  return paths.sort().map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}
