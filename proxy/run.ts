import { closeSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Config } from './config/types.ts';
import { type Listener, openListener } from './connection/listener.ts';
import { type HealthMonitor, startHealth } from './health.ts';
import { openRecordFile } from './records/record-file.ts';
import { createRecordLog, type OwnedRecordLog } from './records/record-log.ts';
import { openSink, type Sink } from './records/sink.ts';
import { version } from './version.ts';

export type RunningProxy = {
  /** Every listener's real address; a port 0 of the file is a real port here. */
  listeners: { name: string; host: string; port: number }[];
  /** Stops accepting, gives open connections shutdownGraceMs, then writes the `stop` record. Idempotent. */
  stop(): Promise<void>;
  /** Ends every connection now, writes their close records and the `stop` record. Ends a running stop() early. */
  stopNow(): Promise<void>;
  /** The last resort in an exit handler: what waits and the `stop` record, before it returns. */
  stopSync(): void;
};

/** One listener or the record file could not be opened; each message says which and why. */
export class StartError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Opens the record file and every listener, or nothing at all: on failure what was opened is closed again. */
export async function startProxy(
  config: Config,
  logger: Logger,
  open: typeof openListener = openListener,
): Promise<RunningProxy> {
  const records = openRecords(config, logger);
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
  };
}

async function closeAll(listeners: Listener[], graceMs: number): Promise<void> {
  for (const listener of listeners) listener.stopAccepting();
  await Promise.all(listeners.map((listener) => listener.drain(graceMs)));
}

function openRecords(
  config: Config,
  logger: Logger,
): { log: OwnedRecordLog; health: HealthMonitor; close(): Promise<void> } {
  const path = config.jsonlPath;
  const file = path === null ? null : openFile(path);
  const health = startHealth();
  const options = { version, configHash: config.hash, health: health.read };
  if (path === null || file === null) {
    logger.warn('no listener names logging.jsonl_path: nothing is recorded');
    return { log: createRecordLog(null, options), health, close: async () => health.stop() };
  }
  const { fd, removedBytes } = file;
  if (removedBytes > 0) {
    logger.warn({ path, removedBytes }, 'an unfinished last line of an earlier run was removed');
  }
  const log = createRecordLog(openReportingSink(fd, path, config.overflow, logger), options);
  return {
    log,
    health,
    async close() {
      await log.stop();
      health.stop();
      if (fd > 2) closeSync(fd);
    },
  };
}

function openFile(path: string): { fd: number; removedBytes: number } {
  try {
    return openRecordFile(path);
  } catch (error) {
    throw new StartError([`cannot write records to ${path}: ${(error as Error).message}`]);
  }
}

function openReportingSink(fd: number, path: string, overflow: Config['overflow'], logger: Logger): Sink {
  return openSink(fd, {
    overflow,
    report(event) {
      if ('error' in event) {
        logger.error({ path, error: event.error.message }, 'records cannot be written');
        // Whoever trusts the records must not have to look into another file to learn that there are none.
        process.stderr.write(`wiretracer: records cannot be written to ${path}: ${event.error.message}\n`);
      } else logger.warn({ path, dropped: event.dropped }, 'records are written again');
    },
  });
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
