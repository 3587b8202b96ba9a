import { SCRIPTED } from './kinds.ts';
import { commandIndex, subcommandIndex, UNKNOWN } from './names.ts';

/** The code of an error reply and its text as far as it may be shown. */
export type ReplyError = { code: string | null; text: string | null };

/** Longest text that is recorded. */
const MAX_TEXT = 256;
const HIDDEN = '***';

/** Codes whose text Redis itself writes; any other may come from a script or a module, and say anything. */
const OWN_CODES = new Set(
  (
    'ASK BUSY BUSYGROUP BUSYKEY CLUSTERDOWN CROSSSLOT DENIED ERR EXECABORT INPROG INVALIDOBJ IOERR LOADING MASTERDOWN ' +
    'MISCONF MOVED NOADDR NOAUTH NOGOODSLAVE NOGROUP NOMASTERLINK NOPERM NOPROTO NOQUORUM NOREPLICAS NOSCRIPT NOTBUSY NOTREADY ' +
    'OOM READONLY TRYAGAIN UNBLOCKED UNKILLABLE UNSTABLE WRONGPASS WRONGTYPE'
  ).split(' '),
);

/**
 * The first word of an error reply is its code, where it is in capitals (redis.io/docs, RESP "Simple errors"). Its text repeats
 * what it complains of: arguments in quotes, which may be keys, values or passwords, are hidden; the name of a command is not.
 */
export function replyError(sent: string, isCut: boolean, command: number): ReplyError {
  const [, code = null, rest = null] = /^([A-Z][A-Z0-9_]{0,31})(?:[ \r\n]|$)([\s\S]*)$/.exec(sent) ?? [];
  if (code === null || !OWN_CODES.has(code) || (code === 'ERR' && SCRIPTED.has(command)))
    return { code, text: null };
  return { code, text: bounded(withoutQuoted(rest!, isCut)) };
}

/** From the first quote to the last one, as what is quoted may hold quotes itself; all of the rest when the end is missing. */
function withoutQuoted(text: string, isCut: boolean): string {
  const single = /^([^'"`]*)(['"`])([^'"`]*)\2([^'"`]*)$/.exec(text);
  if (single !== null && !isCut && namesCommand(single[3]!)) return text;
  const first = text.search(/['"`]/);
  if (first < 0) return text;
  const last = Math.max(text.lastIndexOf("'"), text.lastIndexOf('"'), text.lastIndexOf('`'));
  return isCut || last === first
    ? `${text.slice(0, first)}${HIDDEN}`
    : `${text.slice(0, first + 1)}${HIDDEN}${text.slice(last)}`;
}

/** `get`, or `config|set`. */
function namesCommand(quoted: string): boolean {
  const [name = '', subcommand] = quoted.toUpperCase().split('|');
  const command = commandIndex(name);
  if (subcommand === undefined) return command !== UNKNOWN;
  return subcommandIndex(command, subcommand) !== UNKNOWN;
}

/** One line, without control characters. */
function bounded(text: string): string {
  const line = text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT - 1)}…` : line;
}
