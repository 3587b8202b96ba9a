import { type ClientHello, parseClientHello } from './client-hello.ts';
import { type NotTlsKind, sniffNotTls } from './not-tls.ts';

export type CollectorResult =
  | { state: 'more' }
  | { state: 'done'; hello: ClientHello }
  | { state: 'not_tls'; looksLike: NotTlsKind }
  | { state: 'bad'; error: string };

export type ClientHelloCollector = {
  /** Take the next bytes of the stream. After a result other than `more` the same result comes again. */
  push(chunk: Buffer): CollectorResult;
};

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const MAX_PLAINTEXT_BYTES = 16384;
const DEFAULT_MAX_BYTES = 131072;
const more: CollectorResult = { state: 'more' };

/**
 * Collect the first handshake message of a stream over any number of records and chunks. It keeps a copy of what it needs
 * and no more than `maxBytes` of the wire; the caller keeps the bytes for the TLS stack.
 */
export function createClientHelloCollector(maxBytes = DEFAULT_MAX_BYTES): ClientHelloCollector {
  let wireBytes = 0;
  /** The first bytes, until they are known to be a handshake record. */
  let start: Buffer | null = Buffer.alloc(0);
  let header = Buffer.alloc(5);
  let headerBytes = 0;
  let recordLeft = 0;
  let message = Buffer.alloc(512);
  let messageBytes = 0;
  let result: CollectorResult = more;

  const append = (piece: Buffer): void => {
    if (messageBytes + piece.length > message.length) {
      const larger = Buffer.alloc(Math.max(message.length * 2, messageBytes + piece.length));
      message.copy(larger, 0, 0, messageBytes);
      message = larger;
    }
    piece.copy(message, messageBytes);
    messageBytes += piece.length;
  };

  const messageState = (): CollectorResult => {
    if (messageBytes > 0 && message[0] !== CLIENT_HELLO) {
      return bad(`the first handshake message has type ${message[0]}, not ClientHello`);
    }
    if (messageBytes < 4) return more;
    const wanted = 4 + message.readUIntBE(1, 3);
    if (wanted > maxBytes) return bad(`a ClientHello of ${wanted} bytes, ${maxBytes} at most`);
    if (messageBytes < wanted) return more;
    const parsed = parseClientHello(message.subarray(0, wanted));
    return parsed.hello === null ? bad(parsed.error) : { state: 'done', hello: parsed.hello };
  };

  const readRecords = (chunk: Buffer): CollectorResult => {
    let at = 0;
    while (at < chunk.length) {
      if (recordLeft === 0) {
        const copied = chunk.copy(header, headerBytes, at, at + 5 - headerBytes);
        headerBytes += copied;
        at += copied;
        if (headerBytes < 5) return more;
        headerBytes = 0;
        recordLeft = header.readUInt16BE(3);
        const fault = recordFault(header);
        if (fault !== null) return bad(fault);
      }
      const piece = chunk.subarray(at, at + recordLeft);
      append(piece);
      at += piece.length;
      recordLeft -= piece.length;
      const state = messageState();
      if (state.state !== 'more') return state;
    }
    return wireBytes > maxBytes ? bad(`no whole ClientHello in ${maxBytes} bytes`) : more;
  };

  const step = (chunk: Buffer): CollectorResult => {
    wireBytes += chunk.length;
    if (start === null) return readRecords(chunk);
    start = Buffer.concat([start, chunk]);
    const sniffed = sniffNotTls(start);
    if (sniffed === 'undecided') return more;
    const first = start;
    start = null;
    if (sniffed === 'tls') return readRecords(first);
    return sniffed === 'sslv2' ? bad('an SSL 2.0 CLIENT-HELLO') : { state: 'not_tls', looksLike: sniffed };
  };

  return {
    push(chunk) {
      if (result.state === 'more') {
        result = step(chunk);
        if (result.state !== 'more') header = message = Buffer.alloc(0);
      }
      return result;
    },
  };
}

function recordFault(header: Buffer): string | null {
  const length = header.readUInt16BE(3);
  if (header[0] !== HANDSHAKE) return `a record of type ${header[0]} where the ClientHello was expected`;
  if (header[1] !== 3) return `record version ${header[1]}.${header[2]}`;
  // RFC 8446 5.1: no empty handshake fragment, none over 2^14 bytes.
  if (length === 0) return 'an empty handshake record';
  return length > MAX_PLAINTEXT_BYTES ? `a record of ${length} bytes, ${MAX_PLAINTEXT_BYTES} at most` : null;
}

function bad(error: string): CollectorResult {
  return { state: 'bad', error };
}
