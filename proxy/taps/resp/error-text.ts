import { EXEC, SCRIPTED } from './kinds.ts';
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
  if (code === null || rest === null || !OWN_CODES.has(code) || mayBeScripted(code, rest, command))
    return { code, text: null };
  return { code, text: bounded(withoutQuoted(withoutUnquoted(rest), isCut)) };
}

/** A script may raise any code; a name that is not shown may be that of a script, under another name or of a module. */
function mayBeScripted(code: string, rest: string, command: number): boolean {
  if (SCRIPTED.has(command)) return code !== 'EXECABORT' || command !== EXEC;
  return code === 'ERR' && command === UNKNOWN && !OF_NO_COMMAND.test(rest);
}

/** What Redis itself says of a name that is none, and to no command at all. */
const OF_NO_COMMAND = /^(?:unknown command|max number of clients|Protocol error)\b/;

/** Arguments that Redis (acl.c, cluster.c, config.c, geo.c, replication.c) and Envoy repeat without quotes. */
const TO_THE_END =
  /^(invalid longitude,latitude pair |Unsupported CONFIG parameter: |Unrecognized REPLCONF option: |Unknown node |Invalid [A-Za-z ]+ specified: |Target instance replied with error: )[\s\S]*$/;

function withoutUnquoted(text: string): string {
  return text
    .replace(/^User [\s\S]*?( has no permissions )/, `User ${HIDDEN}$1`)
    .replace(TO_THE_END, `$1${HIDDEN}`)
    .replace(/( with args beginning with: )(?!['`])[\s\S]+$/, `$1${HIDDEN}`);
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
