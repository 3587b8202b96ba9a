import { openSync } from 'node:fs';
import { destination, type Logger, pino, stdTimeFunctions } from 'pino';

export const logLevels = ['DEBUG', 'INFO', 'WARNING', 'ERROR'] as const;
export type LogLevel = (typeof logLevels)[number];

/** pino's names, and those of 1.50 that are written. */
const PINO_LEVEL = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error' } as const;
const WRITTEN: Record<string, string> = { warn: 'WARNING' };

/**
 * Opens the operator's log: one JSON object per line, file created 0600, `-` is standard error. A file that cannot be
 * opened is told on standard error, which then takes its place.
 */
export function openOperatorLog(path: string, level: LogLevel): Logger {
  const target = destination({ dest: openOrStderr(path), sync: true });
  let told = false;
  target.on('error', (error: Error) => {
    if (told) return;
    told = true;
    process.stderr.write(`wiretracer: cannot write the log ${path}: ${error.message}\n`);
  });
  return pino(
    {
      level: PINO_LEVEL[level],
      timestamp: stdTimeFunctions.isoTime,
      base: { pid: process.pid },
      formatters: { level: (label) => ({ level: WRITTEN[label] ?? label.toUpperCase() }) },
    },
    target,
  );
}

function openOrStderr(path: string): number {
  if (path === '-') return 2;
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    process.stderr.write(
      `wiretracer: cannot open the log ${path}: ${(error as Error).message}; using standard error\n`,
    );
    return 2;
  }
}
