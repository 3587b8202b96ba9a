import { type Level, type Logger, pino } from 'pino';

/** A worker's operator log: each line goes to the primary, whose log it belongs in. */
export function bridgedLogger(level: string, number: number, send: (line: string) => void): Logger {
  // What every worker does alike (listening, stopping) the primary tells once.
  const least = level === 'info' ? 'warn' : level;
  return pino({ level: least, base: { worker: number }, timestamp: false }, { write: send });
}

/** Writes a worker's line into the primary's log. */
export function relog(logger: Logger, line: string): void {
  const { level, msg, ...rest } = JSON.parse(line);
  logger[pino.levels.labels[level] as Level](rest, msg);
}
