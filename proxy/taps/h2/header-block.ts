/** A header block in the making: HEADERS or PUSH_PROMISE and the CONTINUATION frames after it (RFC 9113 section 4.3). */
export class HeaderBlock {
  open = false;
  streamId = 0;
  /** Null for HEADERS. */
  promisedStreamId: number | null = null;
  endStream = false;
  /** Bytes kept so far. */
  bytes = 0;
  #buffer = empty;

  begin(streamId: number, promisedStreamId: number | null, endStream: boolean): void {
    this.open = true;
    this.streamId = streamId;
    this.promisedStreamId = promisedStreamId;
    this.endStream = endStream;
    this.bytes = 0;
  }

  /** Keeps a copy. The buffer doubles, so that a flood of tiny fragments costs no more than their bytes. */
  add(payload: Buffer, start: number, end: number): void {
    const needed = this.bytes + end - start;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2, 1024));
      this.#buffer.copy(larger, 0, 0, this.bytes);
      this.#buffer = larger;
    }
    this.bytes += payload.copy(this.#buffer, this.bytes, start, end);
  }

  /** All of it, with the last fragment. */
  joined(payload: Buffer, start: number, end: number): Buffer {
    this.add(payload, start, end);
    return this.#buffer.subarray(0, this.bytes);
  }

  close(): void {
    this.open = false;
    this.bytes = 0;
    this.#buffer = empty;
  }
}

const empty = Buffer.alloc(0);
