import { frameHeaderBytes } from './constants.ts';

/** What the scanner does with the payload of a frame whose header it has just shown. */
export type PayloadWish = 'whole' | 'pieces' | 'skip';

/**
 * What the frames are told to. Buffers handed out are views of the chunk (or of a buffer used once): whoever keeps
 * bytes beyond the call copies them.
 */
export type FrameSink = {
  /** A frame header; the answer decides how its payload comes. `whole` buffers up to `length` bytes. */
  head(type: number, flags: number, streamId: number, length: number): PayloadWish;
  /** The payload of a frame that was wanted whole. */
  whole(payload: Buffer): void;
  /** The next part of the payload of a frame wanted in pieces; never empty. */
  piece(chunk: Buffer, start: number, end: number): void;
  /** The end of a frame wanted in pieces. */
  end(): void;
};

/** Cuts a byte stream, in any chunking, into frames (RFC 9113 section 4.1). Starts after the client preface. */
export class FrameScanner {
  readonly #sink: FrameSink;
  /** Payload bytes of the current frame still to come. */
  #left = 0;
  #wish: PayloadWish | null = null;
  /** Made when the first frame header comes in parts: most connections never need it. */
  #header: Buffer | null = null;
  #headerBytes = 0;
  /** A payload wanted whole that came in parts: its buffer, and how much of it is filled. */
  #partial: Buffer | null = null;
  #filled = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** True in the middle of a frame: an end of the stream now cuts it. */
  get midFrame(): boolean {
    return this.#wish !== null || this.#headerBytes > 0;
  }

  push(chunk: Buffer, start = 0): void {
    let at = start;
    while (at < chunk.length) {
      if (this.#wish !== null) {
        at = this.#payload(chunk, at);
      } else if (this.#headerBytes === 0 && chunk.length - at >= frameHeaderBytes) {
        this.#head(chunk, at);
        at += frameHeaderBytes;
      } else {
        this.#header ??= Buffer.alloc(frameHeaderBytes);
        const taken = chunk.copy(
          this.#header,
          this.#headerBytes,
          at,
          at + frameHeaderBytes - this.#headerBytes,
        );
        this.#headerBytes += taken;
        at += taken;
        if (this.#headerBytes < frameHeaderBytes) return;
        this.#headerBytes = 0;
        this.#head(this.#header, 0);
      }
    }
  }

  #head(bytes: Buffer, at: number): void {
    const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    const streamId =
      ((bytes[at + 5]! & 0x7f) << 24) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 8) | bytes[at + 8]!;
    const wish = this.#sink.head(bytes[at + 3]!, bytes[at + 4]!, streamId, length);
    if (length > 0) {
      this.#left = length;
      this.#wish = wish;
    } else if (wish === 'whole') this.#sink.whole(nothing);
    else if (wish === 'pieces') this.#sink.end();
  }

  #payload(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#left);
    const wish = this.#wish;
    this.#left -= end - at;
    const complete = this.#left === 0;
    if (complete) this.#wish = null;
    if (wish === 'pieces') {
      this.#sink.piece(chunk, at, end);
      if (complete) this.#sink.end();
    } else if (wish === 'whole') this.#collect(chunk, at, end, complete);
    return end;
  }

  #collect(chunk: Buffer, at: number, end: number, complete: boolean): void {
    if (this.#partial === null) {
      if (complete) {
        this.#sink.whole(chunk.subarray(at, end));
        return;
      }
      this.#partial = Buffer.allocUnsafe(end - at + this.#left);
      this.#filled = 0;
    }
    this.#filled += chunk.copy(this.#partial, this.#filled, at, end);
    if (!complete) return;
    const payload = this.#partial;
    this.#partial = null;
    this.#sink.whole(payload);
  }
}

const nothing = Buffer.alloc(0);
