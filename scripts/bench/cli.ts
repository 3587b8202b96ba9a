/** `npm run bench`: this proxy beside a blind relay in the same Node, and HAProxy where installed, in one run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { killChildren } from './children.ts';
import { main } from './main.ts';
import { parseOptions } from './options.ts';

const options = parseOptions(process.argv);
const folder = mkdtempSync(join(tmpdir(), 'wiretracer-bench-'));
// Whatever ends this process ends what it started.
process.on('exit', () => {
  killChildren();
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(128 + constants.signals[signal]));
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(141);
  throw error;
});
try {
  process.exitCode = await main(options, folder);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
// Of a run that failed half way.
killChildren();
