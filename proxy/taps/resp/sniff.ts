export type RedisGuess = 'redis' | 'other' | 'undecided';

/**
 * First words of inline commands that no text protocol with a silent server begins with, but HTTP and SIP, whose line ends in
 * a version. Memcached's (`get`, `set`, `quit`, …) are not among them.
 */
const INLINE = new Set(
  (
    'ACL AUTH BGREWRITEAOF BGSAVE CLIENT CLUSTER COMMAND CONFIG DBSIZE DISCARD ECHO EVAL EVALSHA EXEC FLUSHALL FLUSHDB HELLO ' +
    'HGETALL INFO KEYS LASTSAVE LATENCY LRANGE MONITOR MULTI PING PSUBSCRIBE PSYNC PUBLISH PUBSUB REPLCONF REPLICAOF ROLE SCAN ' +
    'SCRIPT SELECT SENTINEL SHUTDOWN SLAVEOF SLOWLOG SMEMBERS SUBSCRIBE SYNC TIME UNSUBSCRIBE WAIT'
  ).split(' '),
);
const LONGEST_WORD = Math.max(...[...INLINE].map((word) => word.length));
/** Longest request line that is told from an inline command. */
const LONGEST_LINE = 8192;
const STAR = 0x2a;

/** What a client's first bytes are: an array of bulk strings, as every library sends, or an inline command. */
export function sniffRedis(start: Buffer): RedisGuess {
  return start[0] === STAR ? sniffArray(start) : sniffInline(start);
}

/** Redis speaks before its client only to refuse it: too many clients, or protected mode (networking.c, acceptCommonHandler). */
export function sniffRedisRefusal(greeting: Buffer): RedisGuess {
  const text = greeting.toString('latin1', 0, 64);
  const full = refusals.some((refusal) => text.startsWith(refusal));
  if (full) return 'redis';
  return refusals.some((refusal) => refusal.startsWith(text)) ? 'undecided' : 'other';
}

/** Whether these first bytes of a client are not an inline command. */
export const isRedisArray = (start: Buffer): boolean => start[0] === STAR;

/** Whether a server's first byte is one of RESP, or of the empty lines that keep a PSYNC alive. */
export function isRedisReply(reply: Buffer): boolean {
  return replyTypes.includes(String.fromCharCode(reply[0]!));
}

const replyTypes = '+-:$*_,#(!=~>%|\n';
const refusals = ['-DENIED Redis is running in protected mode', '-ERR max number of clients'];

/** `*`, a number, CR LF, `$`. */
function sniffArray(start: Buffer): RedisGuess {
  const text = start.toString('latin1', 0, 16);
  if (/^\*[1-9]\d{0,9}\r\n\$/.test(text)) return 'redis';
  return /^\*([1-9]\d{0,9}(\r\n?)?)?$/.test(text) ? 'undecided' : 'other';
}

function sniffInline(start: Buffer): RedisGuess {
  const word = /^[A-Za-z]*/.exec(start.toString('latin1', 0, LONGEST_WORD + 1))![0];
  if (word.length === start.length) {
    // As long as it may become one of the words; `PING` alone may also become a longer method.
    const upper = word.toUpperCase();
    return start.length > 0 && [...INLINE].some((command) => command.startsWith(upper))
      ? 'undecided'
      : 'other';
  }
  if (!INLINE.has(word.toUpperCase())) return 'other';
  const next = start[word.length]!;
  if (next !== 0x20 && next !== 0x0d && next !== 0x0a) return 'other';
  const end = start.indexOf(0x0a);
  if (end < 0) return start.length > LONGEST_LINE ? 'other' : 'undecided';
  return / [A-Z]+\/\d\.\d\r?$/.test(start.toString('latin1', 0, end)) ? 'other' : 'redis';
}
