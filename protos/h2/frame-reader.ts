import { FrameScanner } from './frame-scanner.ts';

export type Frame = { type: number; flags: number; streamId: number; length: number; payload: Buffer };

/**
 * Frames one by one, payloads copied: for peers that answer what they read. A payload longer than `maxPayloadBytes` is left
 * out (`payload` is then empty, `length` is not).
 */
export class FrameReader {
  #frames: Frame[] = [];
  #current: Frame = { type: 0, flags: 0, streamId: 0, length: 0, payload: Buffer.alloc(0) };
  readonly #scanner: FrameScanner;

  constructor(maxPayloadBytes = 1 << 20) {
    this.#scanner = new FrameScanner({
      head: (type, flags, streamId, length) => {
        this.#current = { type, flags, streamId, length, payload: Buffer.alloc(0) };
        return length <= maxPayloadBytes ? 'whole' : 'pieces';
      },
      whole: (payload) => {
        this.#current.payload = Buffer.from(payload);
        this.#frames.push(this.#current);
      },
      piece: () => {},
      end: () => this.#frames.push(this.#current),
    });
  }

  /** The frames that became complete with this chunk. */
  push(chunk: Buffer): Frame[] {
    this.#scanner.push(chunk);
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  get midFrame(): boolean {
    return this.#scanner.midFrame;
  }
}
