import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Bytes seen of a TLS stream, for the question whether its end began with a close_notify. */
export type StreamTotals = {
  /** Wire bytes read when the stream ended, and when the last application record (or session ticket) came. */
  wireAtEnd: number;
  wireAtLast: number;
  /** Wire bytes that carried application records since the handshake, null when its end came mixed with some of them. */
  wireOfRecords: number | null;
  /** Wire bytes since the ClientHello, where what lies between it and the records is known to be only the Finished. */
  wireAfterHello: number | null;
  plainBytes: number;
  records: number;
  cipher: string;
  version: string;
  /** Whether the end came in another turn of the event loop than the last record. */
  laterTurn: boolean;
};

/**
 * Whether a close_notify came before the end. Node hides it, but not the count of wire bytes: a close_notify is bytes that
 * no record explains. Null when the numbers do not tell.
 */
export function sawCloseNotify(totals: StreamTotals): boolean | null {
  const behind = totals.wireAtEnd - totals.wireAtLast;
  if (behind > 0) return isCloseNotify(behind, totals.version, totals.cipher);
  const overhead = recordOverhead(totals.version, totals.cipher);
  if (overhead !== null && totals.wireOfRecords !== null) {
    const rest = totals.wireOfRecords - totals.plainBytes - totals.records * overhead.record;
    if (rest === 0) return false;
    if (rest === overhead.closeNotify) return true;
  }
  if (overhead !== null && totals.wireOfRecords === null && totals.wireAfterHello !== null) {
    const finished = 26 + (/SHA384$/.test(totals.cipher) ? 48 : 32);
    const rest = totals.wireAfterHello - finished - totals.plainBytes - totals.records * overhead.record;
    // A client may send a change_cipher_spec record of 6 bytes for the sake of middleboxes (RFC 8446 D.4).
    if (rest === 0 || rest === 6) return false;
    if (rest === overhead.closeNotify || rest === overhead.closeNotify + 6) return true;
  }
  return totals.laterTurn ? false : null;
}

/**
 * Whether the bytes behind the last record are a close_notify, or the beginning of a record that was cut. Null when they are
 * fewer than a close_notify has, whose beginning may have come with that record.
 */
function isCloseNotify(bytes: number, version: string, cipher: string): boolean | null {
  const lengths = closeNotifyLengths(version, cipher);
  // Before it a KeyUpdate of 27 bytes may come (RFC 8446 4.6.3), or user_canceled, as long as itself (RFC 8446 6.1).
  if (lengths.some((length) => bytes === length || bytes === 2 * length || bytes === length + 27))
    return true;
  return bytes < Math.min(...lengths) ? null : false;
}

/** What a close_notify record may measure; with CBC its MAC and padding decide (RFC 5246 6.2.3.2, RFC 7366). */
function closeNotifyLengths(version: string, cipher: string): readonly number[] {
  const known = recordOverhead(version, cipher);
  if (known !== null) return [known.closeNotify];
  if (!/CCM/.test(cipher)) return [53, 57, 69, 85];
  const shorter = /CCM_?8/.test(cipher) ? 8 : 0;
  return [(version === 'TLSv1.3' ? 24 : 31) - shorter];
}

/** Bytes a record adds to its content (RFC 8446 5.2, RFC 5246 6.2.3.3), and the length of a close_notify record. */
function recordOverhead(version: string, cipher: string): { record: number; closeNotify: number } | null {
  if (/CCM|CBC|SHA$/.test(cipher)) return null;
  if (version === 'TLSv1.3') return { record: 22, closeNotify: 24 };
  if (/GCM/.test(cipher)) return { record: 29, closeNotify: 31 };
  return /CHACHA20/.test(cipher) ? { record: 21, closeNotify: 23 } : null;
}

type Handle = { onread: (this: unknown, buffer?: ArrayBuffer) => unknown };

let turn = 0;
let turnScheduled = false;

/** One immediate per turn of the event loop, shared by all connections. */
function currentTurn(): number {
  if (!turnScheduled) {
    turnScheduled = true;
    setImmediate(() => {
      turn += 1;
      turnScheduled = false;
    });
  }
  return turn;
}

/**
 * Watch a TLS socket from the moment its handshake ended. The answer is known once its `end` was emitted. `wireAtHello`:
 * wire bytes read when the ClientHello was whole, of a client that is not asked for a certificate.
 */
export function watchCloseNotify(
  tls: TLSSocket,
  raw: Socket,
  wireAtHello: number | null = null,
): () => boolean | null {
  const handle = (tls as unknown as { _handle: Handle | null })._handle;
  if (handle === null || typeof handle.onread !== 'function') return () => null;
  const onread = handle.onread;
  // Asked now: once the session is freed under its handle, asking crashes Node.
  const cipher = tls.getCipher()?.name ?? '';
  const version = tls.getProtocol() ?? '';
  let wireAtStart: number | null = raw.bytesRead;
  let first = wireAtStart;
  let wireAtLast = wireAtStart;
  let wireAtEnd: number | null = null;
  let plainAtStart = tls.bytesRead;
  let plainRead = plainAtStart;
  let plainBytes = 0;
  let records = 0;
  let lastTurn = currentTurn();
  let laterTurn = true;
  tls.on('session', () => {
    // Tickets are records without content: count from behind them, unless application bytes come in the same read.
    wireAtLast = raw.bytesRead;
    wireAtStart = wireAtLast;
    first = wireAtLast;
    plainAtStart = tls.bytesRead;
    plainBytes = 0;
    records = 0;
    lastTurn = currentTurn();
  });
  handle.onread = function (this: unknown, buffer?: ArrayBuffer) {
    // Not by the buffer, which a read into a shared one comes without: an end adds no byte.
    const plainNow = tls.bytesRead;
    if (plainNow === plainRead) {
      wireAtEnd ??= raw.bytesRead;
      // An end without a record before it may have come in one read with the Finished: no known start either.
      if (records === 0 && raw.bytesRead === first) wireAtStart = null;
      laterTurn = lastTurn !== turn;
    } else {
      // Application bytes that came in one read with the Finished or a ticket: the sum has no known start.
      if (records === 0 && raw.bytesRead === first) wireAtStart = null;
      records += 1;
      // Not the buffer's length: from Node 26 on it is longer than what was read into it.
      plainRead = plainNow;
      plainBytes = plainNow - plainAtStart;
      wireAtLast = raw.bytesRead;
      lastTurn = currentTurn();
    }
    return onread.call(this, buffer);
  };
  return () =>
    wireAtEnd === null
      ? null
      : sawCloseNotify({
          wireAtEnd,
          wireAtLast,
          wireOfRecords: wireAtStart === null ? null : wireAtEnd - wireAtStart,
          wireAfterHello: wireAtHello === null || version !== 'TLSv1.3' ? null : wireAtEnd - wireAtHello,
          plainBytes,
          records,
          cipher,
          version,
          laterTurn,
        });
}
