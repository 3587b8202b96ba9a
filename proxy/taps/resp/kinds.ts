import { indexOf } from './names.ts';

/** Commands that change how the connection is to be read, by their index in the table of names. */
export const CLIENT = indexOf('CLIENT');
export const HELLO = indexOf('HELLO');
export const REPLY = indexOf('REPLY');
export const SETNAME = indexOf('SETNAME');
export const MULTI = indexOf('MULTI');
export const EXEC = indexOf('EXEC');
export const DISCARD = indexOf('DISCARD');
export const RESET = indexOf('RESET');
export const SHUTDOWN = indexOf('SHUTDOWN');
export const MONITOR = indexOf('MONITOR');
export const PSYNC = indexOf('PSYNC');
export const SYNC = indexOf('SYNC');

const set = (...list: string[]): ReadonlySet<number> => new Set(list.map(indexOf));

/** Answered once for each channel (redis.io/docs: Pub/Sub, "Format of pushed messages"). */
export const SUBSCRIBING = set('SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE');
export const UNSUBSCRIBING = set('UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE');
/** Their first argument is a channel. */
export const NAMING_A_CHANNEL = set('SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE', 'PUBLISH', 'SPUBLISH');

/** Commands that wait for others by design, as long as their client likes. */
export const BLOCKING = set(
  'BLMOVE',
  'BLMPOP',
  'BLPOP',
  'BRPOP',
  'BRPOPLPUSH',
  'BZMPOP',
  'BZPOPMAX',
  'BZPOPMIN',
  'WAIT',
  'WAITAOF',
  'XREAD',
  'XREADGROUP',
);

/** Answer with what users wrote: their errors may say anything. */
export const SCRIPTED = set(
  'DEBUG',
  'EVAL',
  'EVAL_RO',
  'EVALSHA',
  'EVALSHA_RO',
  'EXEC',
  'FCALL',
  'FCALL_RO',
  'FUNCTION',
);
