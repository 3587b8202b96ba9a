export type NotTlsKind = 'http_request' | 'http2_preface' | 'proxy_header' | 'other';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n', 'latin1');
const PROXY_V1 = Buffer.from('PROXY ', 'latin1');
const PROXY_V2 = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const LONGEST_METHOD = 24;

/**
 * What the first bytes of a stream are: a TLS record (any content type), an SSL 2.0 hello, or which other protocol.
 * `undecided` while the bytes seen are the start of more than one; never for 32 bytes or more.
 */
export function sniffNotTls(start: Buffer): NotTlsKind | 'tls' | 'sslv2' | 'undecided' {
  const first = start[0];
  if (first === undefined) return 'undecided';
  if (first >= 20 && first <= 23) {
    if (start.length < 2) return 'undecided';
    return start[1] === 3 ? 'tls' : 'other';
  }
  if ((first & 0x80) !== 0) return sniffSslv2(start);
  if (first === PROXY_V2[0]) return prefix(start, PROXY_V2, 'proxy_header') ?? 'other';
  return (
    prefix(start, PROXY_V1, 'proxy_header') ?? prefix(start, PREFACE, 'http2_preface') ?? sniffRequest(start)
  );
}

/** RFC 5246 E.2: two-byte length with the high bit set, message type 1, version. */
function sniffSslv2(start: Buffer): 'sslv2' | 'other' | 'undecided' {
  if (start.length < 4) return start.length === 3 && start[2] !== 1 ? 'other' : 'undecided';
  return start[2] === 1 && (start[3] === 3 || start[3] === 0) ? 'sslv2' : 'other';
}

/** A method of upper-case letters, then a space. */
function sniffRequest(start: Buffer): 'http_request' | 'other' | 'undecided' {
  for (const [index, byte] of start.entries()) {
    if (index >= LONGEST_METHOD) return 'other';
    if (byte === 0x20) return index >= 3 ? 'http_request' : 'other';
    if (!((byte >= 0x41 && byte <= 0x5a) || byte === 0x2d)) return 'other';
  }
  return 'undecided';
}

/** `kind` when all of `wanted` is there, `undecided` when what is there begins it, null when it differs. */
function prefix(start: Buffer, wanted: Buffer, kind: NotTlsKind): NotTlsKind | 'undecided' | null {
  const length = Math.min(start.length, wanted.length);
  if (start.compare(wanted, 0, length, 0, length) !== 0) return null;
  return start.length >= wanted.length ? kind : 'undecided';
}
