/**
 * The gRPC load, in a process of its own: `calls PORT N` as fast as they are answered, `rate PORT CALLS_PER_SECOND SECONDS` on
 * a schedule that does not wait for answers, `stream PORT MESSAGES` on one stream. Prints one line of JSON.
 */
import { flood } from '../load/flood.ts';
import { oneStream } from '../load/one-stream.ts';
import { openLoop } from '../load/open-loop.ts';

const [mode, port, ...numbers] = process.argv.slice(2);
const [first, second] = numbers.map(Number);
const runs: Record<string, () => Promise<unknown>> = {
  calls: () => flood(Number(port), first!),
  rate: () => openLoop(Number(port), first!, second!),
  stream: () => oneStream(Number(port), first!),
};
console.log(JSON.stringify(await runs[mode!]!()));
process.exit(0);
