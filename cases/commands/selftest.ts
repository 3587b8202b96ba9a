import type { RunOptions } from './options.ts';

export async function selftestCommand(_selectors: string[], _options: RunOptions): Promise<number> {
  return 0;
}
