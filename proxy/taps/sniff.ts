import { sniffRedis, sniffRedisRefusal } from './resp/sniff.ts';

export type SniffedProtocol = 'h2' | 'http/1.1' | 'redis' | 'raw';

const PREFACE = Buffer.from('PRI * HTTP/2.0', 'latin1');
const LONGEST_METHOD = 24;
const SPACE = 0x20;
const FRAME_HEADER_LENGTH = 9;

/** Which protocol the first bytes of a client are; `undecided` for bytes that may still be several, at most 8 KiB. */
export function sniffProtocol(start: Buffer): SniffedProtocol | 'undecided' {
  const length = Math.min(start.length, PREFACE.length);
  if (start.compare(PREFACE, 0, length, 0, length) === 0)
    return start.length >= PREFACE.length ? 'h2' : 'undecided';
  const redis = sniffRedis(start);
  return redis === 'other' ? sniffHttp1(start) : redis;
}

function sniffHttp1(start: Buffer): 'http/1.1' | 'raw' | 'undecided' {
  // RFC 9112 2.2: a server ignores empty lines before the request line.
  let at = 0;
  while (at < start.length && (start[at] === 0x0d || start[at] === 0x0a) && at < 4) at++;
  const methodStart = at;
  while (at < start.length && isMethodByte(start[at]!) && at - methodStart <= LONGEST_METHOD) at++;
  if (at === start.length) return 'undecided';
  return start[at] === SPACE && at - methodStart >= 3 ? 'http/1.1' : 'raw';
}

/**
 * Which protocol an upstream speaks that speaks before its client. An HTTP/2 server need not wait for the preface
 * (RFC 9113 section 3.4): its first frame is SETTINGS, not an ACK, on stream 0. Redis speaks first only to refuse.
 */
export function sniffGreeting(greeting: Buffer): 'h2' | 'redis' | 'raw' | 'undecided' {
  const redis = sniffRedisRefusal(greeting);
  return redis === 'other' ? sniffSettings(greeting) : redis;
}

function sniffSettings(greeting: Buffer): 'h2' | 'raw' | 'undecided' {
  const length = Math.min(greeting.length, FRAME_HEADER_LENGTH);
  for (let at = 0; at < length; at++) {
    const byte = greeting[at]!;
    // A length below 256 that is whole settings of six bytes; then type 4, no flag, stream 0.
    if (at === 2 ? byte % 6 !== 0 : byte !== (at === 3 ? 4 : 0)) return 'raw';
  }
  return length === FRAME_HEADER_LENGTH ? 'h2' : 'undecided';
}

/** Upper-case letters and the dash: every registered method. */
function isMethodByte(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || byte === 0x2d;
}
