import { constants } from 'node:os';
import type { Logger } from 'pino';
import type { Config } from './config/types.ts';
import { type RunningProxy, startProxy } from './run.ts';
import { keepPausesShort } from './short-pauses.ts';
import { StartError } from './start-error.ts';

const stopSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
type StopSignal = (typeof stopSignals)[number];

/** After a second signal the connections' close records get this long. */
const ABRUPT_MS = 500;

/**
 * Runs the proxy until SIGTERM, SIGINT or SIGHUP (the terminal was closed) and returns the exit code. The first signal drains, a
 * second one ends every connection at once; either way records end with whole lines and a `stop` line.
 */
export async function serve(config: Config, logger: Logger, tellAddresses: boolean): Promise<number> {
  let proxy: RunningProxy;
  try {
    proxy = await start(config, logger);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    for (const problem of error.problems) {
      logger.error(problem);
      process.stderr.write(`${problem}\n`);
    }
    return 1;
  }
  keepPausesShort();
  // Its terminal may be closed, or its reader gone, while it drains: what is told there then reaches nobody, which ends nothing.
  process.stderr.on('error', () => {});
  process.on('uncaughtExceptionMonitor', (error) => logger.error({ err: error }, 'uncaught exception'));
  // Also reached by an uncaught exception, whose records are the evidence of what led to it.
  process.on('exit', () => proxy.stopSync());
  // Signals are heard before anyone is told that the proxy is up: who is told may send one.
  const stopped = untilStopped(proxy, logger);
  if (tellAddresses) {
    for (const { name, host, port } of proxy.listeners) {
      const shown = host.includes(':') ? `[${host}]` : host;
      process.stderr.write(`wiretracer: ${name} listens on ${shown}:${port}\n`);
    }
  }
  const code = await Promise.race([stopped, endedByFailure(proxy)]);
  // Everything is written; a handle someone forgot must not keep the process.
  process.exit(code);
}

async function start(config: Config, logger: Logger): Promise<RunningProxy> {
  if (config.workers === 1) return startProxy(config, logger);
  // Whoever needs no workers need not load them.
  const { startWorkers } = await import('./workers/primary.ts');
  return startWorkers(config, logger);
}

/** Half a proxy is none: what is left ends as after a second signal, and the exit code tells. */
async function endedByFailure(proxy: RunningProxy): Promise<number> {
  await proxy.failed;
  setTimeout(() => process.exit(1), ABRUPT_MS);
  await proxy.stopNow();
  return 1;
}

function untilStopped(proxy: RunningProxy, logger: Logger): Promise<number> {
  return new Promise((resolve, reject) => {
    let signals = 0;
    let code = 0;
    const onSignal = (signal: StopSignal): void => {
      signals++;
      logger.info({ signal }, signals === 1 ? 'signal: draining' : 'signal: ending now');
      if (signals === 1) proxy.stop().then(() => resolve(code), reject);
      if (signals !== 2) return;
      code = 128 + constants.signals[signal];
      // A peer or a disk that hangs must not keep the process.
      setTimeout(() => process.exit(code), ABRUPT_MS);
      proxy.stopNow().then(() => resolve(code), reject);
    };
    for (const signal of stopSignals) process.on(signal, onSignal);
  });
}
