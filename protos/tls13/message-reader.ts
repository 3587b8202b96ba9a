import { contentType, type RecordProtection } from './record-protection.ts';
import { alertCode, TlsError } from './tls-error.ts';

export type TlsMessage =
  /** `raw` includes the 4 byte header: it is what the transcript hashes. */
  | { kind: 'handshake'; type: number; body: Buffer; raw: Buffer }
  | { kind: 'alert'; level: number; code: number }
  | { kind: 'change_cipher_spec' }
  | { kind: 'application_data'; data: Buffer };

/** RFC 8446 5.2 and RFC 5246 6.2.3: the larger of the two. */
const maxPayloadBytes = 16_384 + 2048;
/** No honest handshake message of ours is larger; OpenSSL's own bound for a chain is 100 KB. */
const maxHandshakeBytes = 131_072;

/**
 * Cuts received bytes into TLS messages. Decrypts a record only when a message is asked for, so that `protection`
 * can change between two messages of one segment. Every method but `push` throws TlsError on illegal bytes.
 */
export class MessageReader {
  /** Keys of the peer's current epoch; null reads plaintext. */
  protection: RecordProtection | null = null;
  /** TLS 1.3 sends ChangeCipherSpec records in the clear for middleboxes; they are skipped (RFC 8446 D.4). */
  skipChangeCipherSpec = false;
  #bytes: Buffer = Buffer.alloc(0);
  /** Fragments of handshake messages, joined only when one is whole: a byte per record must not cost a copy each. */
  #fragments: Buffer[] = [];
  #fragmentBytes = 0;

  push(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
  }

  /** Bytes received and not yet read: a partial record, or records nobody asked for. */
  get pendingBytes(): number {
    return this.#bytes.length;
  }

  /** The next whole message, or null when more bytes are needed. */
  next(): TlsMessage | null {
    for (;;) {
      const message = this.#takeHandshake();
      if (message !== null) return message;
      const record = this.#takeRecord();
      if (record === null) return null;
      const other = this.#accept(record.type, record.content);
      if (other !== null) return other;
    }
  }

  #takeRecord(): { type: number; content: Buffer } | null {
    if (this.#bytes.length < 5) return null;
    const type = this.#bytes.readUInt8(0);
    if (type < 20 || type > 23 || this.#bytes.readUInt8(1) !== 3) {
      throw new TlsError(
        alertCode.unexpected_message,
        `not a TLS record: ${this.#bytes.toString('hex', 0, 5)}`,
      );
    }
    const length = this.#bytes.readUInt16BE(3);
    if (length > maxPayloadBytes) throw new TlsError(alertCode.record_overflow, `record of ${length} bytes`);
    if (this.#bytes.length < 5 + length) return null;
    const payload = this.#bytes.subarray(5, 5 + length);
    this.#bytes = this.#bytes.subarray(5 + length);
    // A TLS 1.3 client has no keys to write with until its flight: its alerts before that come in the clear. Sealed, one is
    // longer than two bytes in either version.
    const clear =
      this.protection === null ||
      (type === contentType.alert && length === 2) ||
      (type === contentType.changeCipherSpec && this.skipChangeCipherSpec);
    return clear ? { type, content: payload } : this.protection!.open(type, payload);
  }

  #accept(type: number, content: Buffer): TlsMessage | null {
    if (type === contentType.handshake) {
      if (content.length === 0) throw new TlsError(alertCode.unexpected_message, 'empty handshake record');
      this.#fragments.push(content);
      this.#fragmentBytes += content.length;
      return null;
    }
    if (type === contentType.alert) {
      if (content.length !== 2) throw new TlsError(alertCode.decode_error, 'alert is not two bytes');
      return { kind: 'alert', level: content.readUInt8(0), code: content.readUInt8(1) };
    }
    if (this.#fragmentBytes > 0) {
      throw new TlsError(alertCode.unexpected_message, 'record inside a handshake message');
    }
    if (type === contentType.applicationData) return { kind: 'application_data', data: content };
    if (type !== contentType.changeCipherSpec || content.length !== 1 || content[0] !== 1) {
      throw new TlsError(alertCode.unexpected_message, `record of type ${type}`);
    }
    return this.skipChangeCipherSpec ? null : { kind: 'change_cipher_spec' };
  }

  #takeHandshake(): TlsMessage | null {
    if (this.#fragmentBytes < 4) return null;
    while (this.#fragments[0]!.length < 4) {
      this.#fragments.splice(0, 2, Buffer.concat(this.#fragments.slice(0, 2)));
    }
    const length = this.#fragments[0]!.readUIntBE(1, 3);
    if (length > maxHandshakeBytes) {
      throw new TlsError(alertCode.decode_error, `handshake message of ${length} bytes`);
    }
    if (this.#fragmentBytes < 4 + length) return null;
    const bytes = Buffer.concat(this.#fragments);
    const rest = bytes.subarray(4 + length);
    this.#fragments = rest.length > 0 ? [rest] : [];
    this.#fragmentBytes = rest.length;
    const raw = bytes.subarray(0, 4 + length);
    return { kind: 'handshake', type: raw.readUInt8(0), body: raw.subarray(4), raw };
  }
}
