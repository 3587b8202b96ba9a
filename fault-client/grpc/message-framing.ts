import { gunzipSync, gzipSync } from 'node:zlib';

/** grpc-js's and most servers' default: a longer message is RESOURCE_EXHAUSTED. */
export const maxMessageBytes = 4 * 1024 * 1024;

export type FramedMessage = { bytes: Buffer; compressed: boolean };

/** Length-Prefixed-Message: flag, length, bytes. */
export function frameMessage(message: Uint8Array, compress: boolean): Buffer {
  const body = compress ? gzipSync(message) : message;
  const prefix = Buffer.alloc(5);
  prefix[0] = compress ? 1 : 0;
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}

/** What a gRPC client must answer for a broken message: the status it ends the call with. */
export class FramingError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Cuts DATA in any chunking into messages. `encoding` is the response's grpc-encoding. Messages come one by one, so that those
 * before a broken one are not lost with it.
 */
export class MessageReader {
  encoding = 'identity';
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** Bytes of a message that has begun. */
  get pendingBytes(): number {
    return this.#bytes;
  }

  /** @throws FramingError where the next message is broken. */
  *push(chunk: Buffer): Generator<FramedMessage> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    for (;;) {
      const wanted = this.#wantedBytes();
      if (wanted === null || this.#bytes < wanted) return;
      const all = this.#joined();
      const message = this.#message(all[0]!, all.subarray(5, wanted));
      this.#chunks = [all.subarray(wanted)];
      this.#bytes -= wanted;
      yield message;
    }
  }

  #wantedBytes(): number | null {
    if (this.#bytes < 5) return null;
    if (this.#chunks[0]!.length < 5) this.#chunks = [this.#joined()];
    const length = this.#chunks[0]!.readUInt32BE(1);
    if (length > maxMessageBytes)
      throw new FramingError(8, `message of ${length} bytes is longer than ${maxMessageBytes}`);
    return 5 + length;
  }

  #joined(): Buffer {
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
  }

  #message(flag: number, bytes: Buffer): FramedMessage {
    if (flag === 0) return { bytes, compressed: false };
    if (flag !== 1) throw new FramingError(13, `message flag ${flag} is not defined`);
    if (this.encoding === 'identity') throw new FramingError(13, 'compressed message without grpc-encoding');
    if (this.encoding !== 'gzip')
      throw new FramingError(12, `grpc-encoding ${this.encoding} is not known here`);
    try {
      return { bytes: gunzipSync(bytes, { maxOutputLength: maxMessageBytes }), compressed: true };
    } catch {
      throw new FramingError(13, 'Failed to decompress gzip-encoded message');
    }
  }
}
