import { errorCodes } from '../../protos/h2/constants.ts';
import { encodeData, encodeWindowUpdate } from '../../protos/h2/frames.ts';
import type { H2Client } from './h2-client.ts';

export type StreamEvents = {
  headers(fields: [string, string][], endStream: boolean): void;
  data(chunk: Buffer, endStream: boolean): void;
  /** RST_STREAM from the peer. */
  reset(code: number): void;
  /** The connection went away. `refused`: the peer surely did not work on it, so it is safe to try again. */
  lost(error: Error, refused: boolean): void;
};

const windowBytes = 65_535;

/** One stream of an H2Client: what is to be sent waits here for the windows. */
export class H2Stream {
  /** 0 until the peer's limit of streams lets it open. */
  id = 0;
  readonly fields: readonly (readonly [string, string])[];
  readonly sent: Promise<void>;
  readonly #client: H2Client;
  readonly #events: StreamEvents;
  readonly #resolveSent: () => void;
  #queue: Buffer[] = [];
  #window = 0;
  #unackedBytes = 0;
  #ending = false;
  #endSent = false;
  #done = false;

  constructor(client: H2Client, fields: readonly (readonly [string, string])[], events: StreamEvents) {
    this.#client = client;
    this.fields = fields;
    this.#events = events;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.sent = promise;
    this.#resolveSent = resolve;
  }

  opened(initialWindowBytes: number): void {
    this.#window = initialWindowBytes;
    this.#client.headers(this);
    this.flush();
  }

  send(bytes: Buffer): void {
    this.#queue.push(bytes);
    this.flush();
  }

  end(): void {
    this.#ending = true;
    this.flush();
  }

  cancel(code: number = errorCodes.CANCEL): void {
    if (this.#done) return;
    this.#client.rst(this, code);
    this.#finish();
  }

  windowUpdate(increment: number): void {
    this.#window += increment;
    this.flush();
  }

  /** Send as much as both windows and the peer's frame size allow (RFC 9113 5.2). */
  flush(): void {
    if (this.id === 0 || this.#endSent || this.#done) return;
    while (this.#queue.length > 0) {
      const head = this.#queue[0]!;
      const allowed = Math.min(this.#window, this.#client.sendWindowBytes, this.#client.peerMaxFrameBytes);
      if (allowed <= 0 && head.length > 0) return;
      const part = head.subarray(0, Math.max(0, allowed));
      if (part.length === head.length) this.#queue.shift();
      else this.#queue[0] = head.subarray(part.length);
      this.#window -= part.length;
      this.#client.sendWindowBytes -= part.length;
      const last = this.#ending && this.#queue.length === 0;
      if (last) this.#endSent = true;
      this.#client.write(
        encodeData(this.id, part, { endStream: last }),
        last ? this.#resolveSent : undefined,
      );
    }
    if (this.#ending && !this.#endSent) {
      this.#endSent = true;
      this.#client.write(encodeData(this.id, Buffer.alloc(0), { endStream: true }), this.#resolveSent);
    }
  }

  headers(fields: [string, string][], endStream: boolean): void {
    if (this.#done) return;
    if (endStream) this.#peerEnded();
    this.#events.headers(fields, endStream);
  }

  /** `flowBytes` is what the frame cost of the window, padding too (RFC 9113 6.1). */
  data(chunk: Buffer, flowBytes: number, endStream: boolean): void {
    if (this.#done) return;
    this.#unackedBytes += flowBytes;
    if (!endStream && this.#unackedBytes > windowBytes / 2) {
      this.#client.write(encodeWindowUpdate(this.id, this.#unackedBytes));
      this.#unackedBytes = 0;
    }
    if (endStream) this.#peerEnded();
    this.#events.data(chunk, endStream);
  }

  reset(code: number): void {
    if (this.#done) return;
    this.#finish();
    this.#events.reset(code);
  }

  lost(error: Error, refused: boolean): void {
    if (this.#done) return;
    this.#finish();
    this.#events.lost(error, refused);
  }

  /** A server may answer before it has heard all (RFC 9113 8.1): the rest is then not sent. */
  #peerEnded(): void {
    if (!this.#endSent) this.#client.rst(this, errorCodes.NO_ERROR);
    this.#finish();
  }

  #finish(): void {
    this.#done = true;
    this.#resolveSent();
    this.#client.forget(this);
  }
}
