/** `npm run soak`: thousands of held connections for minutes; memory, event-loop delay, nothing lost. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { descriptorBound, fitToMachine, portBound } from './soak/fit.ts';
import { judge } from './soak/judge.ts';
import { localPorts, raiseDescriptors } from './soak/machine.ts';
import { report } from './soak/report.ts';
import { type Outcome, type Plan, soak } from './soak/run.ts';

type Options = {
  idle: number;
  active: number;
  minutes: number;
  rate: number;
  concurrency: number;
  generators: number;
  workers: number;
  nodeFlags?: string;
};

const options = new Command('soak')
  .description(
    'Hold idle and active HTTP/2 connections over TLS through the proxy, everything recorded, and judge it: connections held, failures, memory, event-loop delay, records. Needs Linux. Exit 1 when a goal is missed.',
  )
  .option('--idle <n>', 'connections that send nothing', whole, 10_000)
  .option('--active <n>', 'connections that send small GETs', whole, 1000)
  .option('--minutes <n>', 'how long all of them are held', positive, 10)
  .option('--rate <n>', 'GETs a second on every active connection', positive, 1)
  .option('--concurrency <n>', 'handshakes under way at once in the ramp-up', whole, 16)
  .option('--generators <n>', 'processes that make the load', whole, 2)
  .option('--workers <n>', "the proxy's worker processes", whole, 1)
  .option('--node-flags <flags>', 'for the proxy, such as "--max-semi-space-size=32"')
  .addHelpText(
    'after',
    `
Examples:
  npm run soak                                            10,000 idle and 1,000 active for ten minutes
  npm run soak -- --workers 2                             the same where a process may not have 22,000 descriptors
  npm run soak -- --idle 2000 --active 200 --minutes 1 --rate 2
  npm run soak -- --concurrency 64 --node-flags=--max-semi-space-size=32

The delay asks for a machine that does nothing else, the memory for ten minutes and more.
Exit codes: 0 every goal is met, 1 a goal is missed or something broke, 2 usage, 129, 130 or 143 interrupted`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Options>();

const bounds = [
  descriptorBound(raiseDescriptors(3 * (options.idle + options.active) + 1000), options.workers),
  portBound(...localPorts()),
];
const { idle, active, scaledDown } = fitToMachine(options.idle, options.active, bounds);
if (scaledDown !== null) {
  console.log(`scaled down to ${idle} idle and ${active} active connections: ${scaledDown}`);
}
const plan: Plan = {
  idle,
  active,
  minutes: options.minutes,
  ratePerConnection: options.rate,
  concurrency: options.concurrency,
  generators: options.generators,
  workers: options.workers,
  nodeFlags: options.nodeFlags?.split(' ').filter(Boolean) ?? [],
};

const interrupt = new AbortController();
// The proxy and its load are groups of their own: a terminal that closes ends this process alone, which then ends them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    process.exitCode = 128 + constants.signals[signal];
    interrupt.abort(new Error(`interrupted by ${signal}`));
  });
}
// Such a terminal takes no progress, which is no reason to end half way.
process.stderr.on('error', () => {});
const folder = mkdtempSync(join(tmpdir(), 'wiretracer-soak-'));
try {
  const outcome = await soak(plan, folder, certificates(), interrupt.signal, progress);
  progress('');
  tell(outcome);
} catch (error) {
  progress('');
  console.error(`soak: ${(error as Error).message}`);
  if (!interrupt.signal.aborted) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function tell(outcome: Outcome): void {
  const stop = outcome.records.stop ?? {};
  const findings = judge({
    asked: idle + active,
    held: outcome.held,
    answered: outcome.answered,
    failures: Object.values(outcome.failures).reduce((sum, count) => sum + count, 0),
    rss: outcome.rss,
    delayMaxMs: numberOrNull(stop.event_loop_delay_max_ms),
    cpuMaxMs: numberOrNull(stop.event_loop_cpu_max_ms),
    eventRecords: outcome.records.kinds.event ?? 0,
    dropped: numberOrNull(stop.dropped),
  });
  console.log(report(plan, outcome, findings));
  process.exitCode = findings.every(({ ok }) => ok) ? 0 : 1;
}

function certificates(): string {
  const certs = join(folder, 'certs');
  const script = fileURLToPath(new URL('../certificates.ts', import.meta.url));
  const { status } = spawnSync(process.execPath, [script, '--out', certs], { stdio: 'inherit' });
  if (status !== 0) throw new Error('no certificates');
  return certs;
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('write a whole number above 0');
  return value;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('write a number above 0');
  return value;
}
