import type { MetaRecord } from '../../protos/records/records.ts';
import type { Config } from '../config/types.ts';

export type Start = {
  config: Config;
  /** From 1 on, for the log. */
  number: number;
  logLevel: string;
  clockOrigin: number;
  ticketKeys: Buffer;
  /** Its share of the record queue. */
  boundChars: number;
};

/** What the primary says to a worker. */
export type ToWorker =
  | ({ kind: 'start' } & Start)
  /** Stop accepting, give open connections the grace time, write everything out, exit. */
  | { kind: 'stop' }
  /** The same without grace time; also after a `stop`. */
  | { kind: 'stopNow' }
  /** Leave the connections as they are, write everything out, exit. */
  | { kind: 'end' }
  /** The answer to a `take`: how long it waited for its slot, or null when there was none in time. */
  | { kind: 'slot'; id: number; waitedMs: number | null }
  /** The answer to an `ask`: write, and number from here. */
  | { kind: 'turn'; base: number };

/** What a worker says to the primary. Records it writes itself, to the file that both have open. */
export type ToPrimary =
  | { kind: 'listening'; listeners: { name: string; host: string; port: number }[] }
  | { kind: 'failed'; problems: string[] }
  | { kind: 'log'; line: string }
  | { kind: 'take'; id: number; listener: number; limitMs: number }
  | { kind: 'giveUp'; id: number }
  | { kind: 'release'; id: number }
  | { kind: 'bye' }
  | { kind: 'ask'; numbers: number }
  | { kind: 'done'; numbers: number; lines: number }
  /** Its records are out. Its own `stop` line, and how many lines were given up since the last one written. */
  | { kind: 'stopped'; stop: MetaRecord; missing: number };

/** The descriptor of the record file in a worker. */
export const RECORDS_FD = 4;
