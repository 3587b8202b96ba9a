import type { ClientResult } from '../../protos/control/fault-client.ts';

/**
 * The frames of a connection as they arrive, seen before node:http2 sees them: it tells RST_STREAM(NO_ERROR), RST_STREAM(CANCEL),
 * END_STREAM and a bare FIN all as the same "end". Own few lines, so that nothing is shared with what this client tests.
 */
export class FrameWatch {
  goaway: ClientResult['close']['goaway'] = null;
  readonly rstCodes = new Map<number, number>();
  readonly endedStreams = new Set<number>();
  /** Streams whose first HEADERS already ended them. */
  readonly singleHeaders = new Set<number>();
  readonly headersSeen = new Set<number>();
  settingsSeen = false;
  pingAcks = 0;
  /** Header, then as much of the payload as is kept. */
  #kept: Buffer = Buffer.alloc(0);
  #skip = 0;

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at);
        this.#skip -= step;
        at += step;
        continue;
      }
      const wanted = this.#wantedBytes();
      const part = chunk.subarray(at, at + wanted - this.#kept.length);
      this.#kept = this.#kept.length === 0 ? part : Buffer.concat([this.#kept, part]);
      at += part.length;
      if (this.#kept.length === this.#wantedBytes() && this.#kept.length >= 9) this.#frame();
    }
  }

  #wantedBytes(): number {
    return this.#kept.length < 9 ? 9 : 9 + keptPayloadBytes(this.#kept[3]!, this.#kept.readUIntBE(0, 3));
  }

  #frame(): void {
    const frame = this.#kept;
    const length = frame.readUIntBE(0, 3);
    const [type, flags] = [frame[3]!, frame[4]!];
    const streamId = frame.readUInt32BE(5) & 0x7fffffff;
    this.#kept = Buffer.alloc(0);
    this.#skip = length - (frame.length - 9);
    if (type <= 1 && flags & 1) {
      this.endedStreams.add(streamId);
      if (type === 1 && !this.headersSeen.has(streamId)) this.singleHeaders.add(streamId);
    }
    if (type === 1) this.headersSeen.add(streamId);
    if (type === 4 && !(flags & 1)) this.settingsSeen = true;
    if (type === 6 && flags & 1) this.pingAcks++;
    if (type === 3 && length === 4) this.rstCodes.set(streamId, frame.readUInt32BE(9));
    if (type === 7 && length >= 8)
      this.goaway = {
        last_stream_id: frame.readUInt32BE(9) & 0x7fffffff,
        code: frame.readUInt32BE(13),
        debug: frame.toString('latin1', 17),
      };
  }
}

/** Only RST_STREAM and GOAWAY are looked into, the latter's debug text up to 1 KiB. */
function keptPayloadBytes(type: number, length: number): number {
  return type === 3 ? Math.min(length, 4) : type === 7 ? Math.min(length, 1032) : 0;
}
