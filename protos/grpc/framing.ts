/** Bytes before each message: the compressed flag and the length (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export const prefixBytes = 5;

/** One length-prefixed message. `flag` and `length` may lie, for faults. */
export function encodeMessage(message: Uint8Array, options: { flag?: number; length?: number } = {}): Buffer {
  const framed = Buffer.allocUnsafe(prefixBytes + message.length);
  framed[0] = options.flag ?? 0;
  framed.writeUInt32BE((options.length ?? message.length) >>> 0, 1);
  framed.set(message, prefixBytes);
  return framed;
}

/** Counts messages in one direction of a stream, in any chunking, without keeping their bytes. */
export class MessageCounter {
  /** Messages that have come whole. */
  messages = 0;
  compressed = 0;
  /** A flag other than 0 and 1 came: what follows is probably no gRPC. */
  badFlag = false;
  #prefixAt = 0;
  #length = 0;
  #left = 0;

  push(chunk: Uint8Array, start = 0, end = chunk.length): void {
    let at = start;
    while (at < end) {
      if (this.#prefixAt < prefixBytes) {
        this.#prefix(chunk[at++]!);
        continue;
      }
      const taken = Math.min(this.#left, end - at);
      at += taken;
      this.#left -= taken;
      if (this.#left === 0) this.#complete();
    }
  }

  /** True inside a message: an end of the stream now truncates it. */
  get midMessage(): boolean {
    return this.#prefixAt > 0;
  }

  #prefix(byte: number): void {
    if (this.#prefixAt === 0) {
      if (byte > 1) this.badFlag = true;
      if (byte === 1) this.compressed++;
      this.#length = 0;
    } else this.#length = this.#length * 256 + byte;
    if (++this.#prefixAt < prefixBytes) return;
    this.#left = this.#length;
    if (this.#left === 0) this.#complete();
  }

  #complete(): void {
    this.messages++;
    this.#prefixAt = 0;
  }
}

export type GrpcMessage = { flag: number; payload: Buffer };

/**
 * Messages one by one, for peers that answer them. A message longer than `maxBytes` ends the reading: `tooLong` is then its
 * length and nothing more comes.
 */
export class MessageReader {
  readonly #maxBytes: number;
  #pending: Buffer = Buffer.alloc(0);
  tooLong: number | null = null;

  constructor(maxBytes = 4 << 20) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Uint8Array): GrpcMessage[] {
    if (this.tooLong !== null) return [];
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const messages: GrpcMessage[] = [];
    let at = 0;
    while (this.#pending.length - at >= prefixBytes) {
      const length = this.#pending.readUInt32BE(at + 1);
      if (length > this.#maxBytes) {
        this.tooLong = length;
        this.#pending = Buffer.alloc(0);
        return messages;
      }
      const end = at + prefixBytes + length;
      if (this.#pending.length < end) break;
      messages.push({
        flag: this.#pending[at]!,
        payload: Buffer.from(this.#pending.subarray(at + prefixBytes, end)),
      });
      at = end;
    }
    this.#pending = this.#pending.subarray(at);
    return messages;
  }

  /** True inside a message: an end of the stream now truncates it. */
  get midMessage(): boolean {
    return this.#pending.length > 0;
  }
}
