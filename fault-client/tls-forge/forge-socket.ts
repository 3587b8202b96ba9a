import type { Socket } from 'node:net';
import { MessageReader, type TlsMessage } from '../../protos/tls13/message-reader.ts';
import { contentType, plaintextRecord, type RecordProtection } from '../../protos/tls13/record-protection.ts';
import { alertCode, TlsError } from '../../protos/tls13/tls-error.ts';

/** `fin`: close_notify, then FIN. */
export type CloseHow = 'fin' | 'rst' | 'fin_without_close_notify';

/** The peer ended the handshake or the connection; nothing is left to do. */
export class PeerStopped extends Error {}

const maxPendingBytes = 65_536;
/** A record carries at most this much (RFC 8446 5.1). */
const maxContentBytes = 16_384;

/** A TLS connection over a raw socket whose keys and moments the caller chooses. */
export class ForgeSocket {
  readonly reader = new MessageReader();
  /** Keys of our current epoch; null writes plaintext. */
  writer: RecordProtection | null = null;
  peerEnd: 'fin' | 'rst' | null = null;
  peerAlert: { level: number; code: number } | null = null;
  readonly #socket: Socket;
  readonly #closed: Promise<void>;
  #discarding = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    // A reset discards what Nagle's algorithm still holds back.
    socket.setNoDelay(true);
    this.#closed = new Promise((resolve) => {
      if (socket.destroyed) resolve();
      socket.on('close', () => {
        resolve();
        this.#wake();
      });
    });
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('end', () => {
      this.peerEnd ??= 'fin';
      if (this.#discarding) this.#endWithPeer();
      this.#wake();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') this.peerEnd = 'rst';
      this.#wake();
    });
  }

  /** The next message. Throws PeerStopped at an alert or the end, TlsError on illegal bytes. */
  async next(): Promise<TlsMessage> {
    for (;;) {
      const message = this.reader.next();
      if (message?.kind === 'alert') {
        this.peerAlert = { level: message.level, code: message.code };
        throw new PeerStopped(`alert ${message.code}`);
      }
      if (message !== null) return message;
      if (this.peerEnd !== null || this.#socket.destroyed) throw new PeerStopped('end of stream');
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#socket.resume();
      await woken;
    }
  }

  /** The next message, which must be one of these handshake messages. */
  async handshake(...types: number[]): Promise<{ type: number; body: Buffer; raw: Buffer }> {
    const message = await this.next();
    if (message.kind === 'handshake' && types.includes(message.type)) return message;
    const got = message.kind === 'handshake' ? `handshake ${message.type}` : message.kind;
    throw new TlsError(alertCode.unexpected_message, `${got} where handshake ${types.join(' or ')} was due`);
  }

  async changeCipherSpec(): Promise<void> {
    const message = await this.next();
    if (message.kind !== 'change_cipher_spec') {
      throw new TlsError(alertCode.unexpected_message, `${message.kind} where ChangeCipherSpec was due`);
    }
  }

  send(type: number, content: Buffer): void {
    const records: Buffer[] = [];
    for (let at = 0; at === 0 || at < content.length; at += maxContentBytes) {
      const part = content.subarray(at, at + maxContentBytes);
      records.push(this.writer ? this.writer.seal(type, part) : plaintextRecord(type, part));
    }
    this.sendRaw(Buffer.concat(records));
  }

  sendRaw(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  sendAlert(level: number, code: number): void {
    this.send(contentType.alert, Buffer.from([level, code]));
  }

  end(how: CloseHow): void {
    if (how === 'rst') {
      this.#socket.resetAndDestroy();
      return;
    }
    if (how === 'fin' && this.#socket.writable) this.sendAlert(1, alertCode.close_notify);
    this.#socket.end();
  }

  /**
   * Reads and forgets what still comes (unread bytes would turn our FIN into a RST) until the socket is gone; a
   * half-open socket is ended when its peer has ended.
   */
  async drain(): Promise<void> {
    this.#discarding = true;
    this.#endWithPeer();
    this.#socket.resume();
    await this.#closed;
  }

  #endWithPeer(): void {
    if (this.peerEnd === 'fin' && !this.#socket.writableEnded) this.#socket.end();
  }

  #receive(chunk: Buffer): void {
    if (this.#discarding) return;
    this.reader.push(chunk);
    if (this.reader.pendingBytes > maxPendingBytes) this.#socket.pause();
    this.#wake();
  }
}
