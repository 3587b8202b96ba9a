import type { Logger } from 'pino';
import type { Config } from './config/types.ts';
import { type Listener, openListener } from './connection/listener.ts';
import { openRecords, type RecordOutput } from './open-records.ts';
import { StartError } from './start-error.ts';

export type RunningProxy = {
  /** Every listener's real address; a port 0 of the file is a real port here. */
  listeners: { name: string; host: string; port: number }[];
  /** Stops accepting, gives open connections shutdownGraceMs, then writes the `stop` record. Idempotent. */
  stop(): Promise<void>;
  /** Ends every connection now, writes their close records and the `stop` record. Ends a running stop() early. */
  stopNow(): Promise<void>;
  /** The last resort in an exit handler: what waits and the `stop` record, before it returns. */
  stopSync(): void;
  /** Resolves when a part of it is lost, which was told by then. */
  failed: Promise<void>;
};

/** Opens the record file and every listener, or nothing at all: on failure what was opened is closed again. */
export async function startProxy(
  config: Config,
  logger: Logger,
  open: typeof openListener = openListener,
  openOutput: (config: Config, logger: Logger) => RecordOutput = openRecords,
): Promise<RunningProxy> {
  const records = openOutput(config, logger);
  const results = await Promise.allSettled(
    config.listeners.map((listener) => open(listener, records.log, logger, records.health.connections)),
  );
  const listeners: Listener[] = [];
  const problems: string[] = [];
  for (const [index, result] of results.entries()) {
    if (result.status === 'fulfilled') listeners.push(result.value);
    else problems.push(bindProblem(config.listeners[index]!, result.reason));
  }
  if (problems.length > 0) {
    await closeAll(listeners, 0);
    await records.close();
    throw new StartError(problems);
  }
  const addresses = listeners.map((listener) => ({ name: listener.name, ...listener.address() }));
  records.log.ready(addresses);
  for (const address of addresses) logger.info(address, 'listening');

  let stopping: Promise<void> | null = null;
  async function stopWithin(graceMs: number): Promise<void> {
    logger.info({ graceMs }, 'stopping');
    await closeAll(listeners, graceMs);
    await records.close();
    logger.info('stopped');
  }
  return {
    listeners: addresses,
    stop() {
      stopping ??= stopWithin(config.shutdownGraceMs);
      return stopping;
    },
    async stopNow() {
      await closeAll(listeners, 0);
      await (stopping ?? records.close());
    },
    stopSync: records.log.stopSync,
    failed: NEVER,
  };
}

/** An uncaught exception ends a process alone. */
const NEVER = new Promise<void>(() => {});

async function closeAll(listeners: Listener[], graceMs: number): Promise<void> {
  for (const listener of listeners) listener.stopAccepting();
  await Promise.all(listeners.map((listener) => listener.drain(graceMs)));
}

function bindProblem(listener: Config['listeners'][number], reason: unknown): string {
  const at = listener.source === undefined ? '' : `${listener.source}: `;
  const { code, message } = reason as NodeJS.ErrnoException;
  const words = code === undefined ? message : (BIND_WORDS[code] ?? message);
  return `${at}listener "${listener.name}" cannot listen on ${listener.host}:${listener.port}: ${words}`;
}

const BIND_WORDS: Record<string, string> = {
  EADDRINUSE: 'another program already listens there; stop it or choose another port',
  EACCES: 'not permitted; ports below 1024 need root or CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'this machine has no such address; 0.0.0.0 means all IPv4 addresses',
  ENOTFOUND: 'the host name does not resolve',
};
