import { closeSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Health } from '../protos/records/records.ts';
import type { Config } from './config/types.ts';
import { type HealthMonitor, startHealth } from './health.ts';
import { openRecordFile } from './records/record-file.ts';
import { createRecordLog, type OwnedRecordLog } from './records/record-log.ts';
import { openSink, type Sink, type SinkOptions } from './records/sink.ts';
import { StartError } from './start-error.ts';
import { version } from './version.ts';

/** Where the lines of a process go, and its health, which the last of them tells. */
export type RecordOutput = { log: OwnedRecordLog; health: HealthMonitor; close(): Promise<void> };

/** For a process that shares the file with others. */
export type Sharing = {
  /** Stands between this process's log and the file. */
  join: (file: Sink, fd: number) => Sink;
  /** The figures of all, from those of this process. */
  health: (own: Health) => Health;
};

/** Opens the record file that the configuration names. */
export function openRecords(config: Config, logger: Logger, sharing?: Sharing): RecordOutput {
  const path = config.jsonlPath;
  const file = path === null ? null : openFile(path);
  const health = startHealth();
  const options = {
    version,
    configHash: config.hash,
    health: () => sharing?.health(health.read()) ?? health.read(),
  };
  if (path === null || file === null) {
    logger.warn('no listener names logging.jsonl_path: nothing is recorded');
    return { log: createRecordLog(null, options), health, close: async () => health.stop() };
  }
  const { fd, removedBytes } = file;
  if (removedBytes > 0) {
    logger.warn({ path, removedBytes }, 'an unfinished last line of an earlier run was removed');
  }
  const sink = openReportingSink(fd, path, config.overflow, logger);
  const log = createRecordLog(sharing?.join(sink, fd) ?? sink, options);
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

/** What cannot be written is told in the log and on standard error. */
export function openReportingSink(
  fd: number,
  path: string,
  overflow: Config['overflow'],
  logger: Logger,
  options: Pick<SinkOptions, 'boundChars' | 'write'> = {},
): Sink {
  return openSink(fd, {
    ...options,
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
