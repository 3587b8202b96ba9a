/** `npm run fuzz`: every decoder against bytes that nobody should send. */
import { createConsole } from './console.ts';
import { main } from './main.ts';
import { parseOptions } from './options.ts';
import { listTargets } from './targets.ts';

const options = parseOptions(process.argv);
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(141);
  throw error;
});
process.exitCode = await main(options, createConsole(), stop.signal, await listTargets());
