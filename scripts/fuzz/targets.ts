import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FuzzTarget } from '../../protos/testing/fuzz-target.ts';

export type ListedTarget = { name: string; about: string; file: string; share?: number };

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The targets of all `*.fuzz.ts` files, by name. They stand beside their decoders, on both sides of the walls: no script
 * imports one, they are found as files and run as programs.
 */
export async function listTargets(): Promise<ListedTarget[]> {
  const files = globSync('{protos,proxy,fault-server,fault-client,cases}/**/*.fuzz.ts', { cwd: root });
  const listed: ListedTarget[] = [];
  for (const file of files.sort()) {
    for (const { name, about, share } of await loadTargets(file)) listed.push({ name, about, file, share });
  }
  return listed.sort((one, two) => (one.name < two.name ? -1 : 1));
}

/** `file` is relative to the repository. */
export async function loadTargets(file: string): Promise<FuzzTarget[]> {
  const url = pathToFileURL(join(root, file)).href;
  const { targets } = (await import(/* @vite-ignore */ url)) as { targets: FuzzTarget[] };
  return targets;
}

export async function loadTarget(file: string, name: string): Promise<FuzzTarget> {
  const target = (await loadTargets(file)).find((one) => one.name === name);
  if (target === undefined) throw new Error(`${file} exports no target ${name}`);
  return target;
}
