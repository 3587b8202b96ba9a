import {
  clientPreface,
  type ErrorCodeName,
  frameFlags,
  frameHeaderBytes,
  frameTypeName,
  frameTypes,
} from '../../../protos/h2/constants.ts';
import { FrameScanner, type FrameSink, type PayloadWish } from '../../../protos/h2/frame-scanner.ts';
import { HpackDecoder } from '../../../protos/hpack/decoder.ts';
import type { Anomaly } from './anomalies.ts';
import { checkDependency, readControlFrame } from './control-frames.ts';
import type { FrameListener } from './frame-listener.ts';
import { HeaderBlock } from './header-block.ts';
import { limits } from './limits.ts';
import type { SettingsState } from './settings-state.ts';

/**
 * Decodes what one side sends: preface, frames, header blocks (RFC 9113 sections 3.4, 4, 6). Checks what one frame alone can
 * show to be wrong, and goes on where the bytes still make sense.
 */
export class FrameDecoder implements FrameSink {
  readonly #listener: FrameListener;
  /** What the other side announced: it binds this side's frames. */
  readonly #bounds: SettingsState;
  readonly #fromClient: boolean;
  readonly #scanner = new FrameScanner(this);
  readonly #hpack = new HpackDecoder({ maxListBytes: limits.headerListBytes });
  readonly #block = new HeaderBlock();
  #prefaceLeft: number;
  #stopped = false;
  #sawFrame = false;
  #nextFrameOffset: number;

  // The frame in hand.
  #type = 0;
  #flags = 0;
  #streamId = 0;
  #length = 0;
  // Its DATA payload: bytes of content before the padding, negative where the padding leaves no room for any.
  #contentLeft = 0;
  #padLengthAwaited = false;

  constructor(fromClient: boolean, bounds: SettingsState, listener: FrameListener) {
    this.#fromClient = fromClient;
    this.#bounds = bounds;
    this.#listener = listener;
    this.#prefaceLeft = fromClient ? clientPreface.length : 0;
    this.#nextFrameOffset = this.#prefaceLeft;
  }

  /** True inside a preface, a frame or a header block: an end of the stream now cuts it. */
  get midFrame(): boolean {
    return !this.#stopped && (this.#scanner.midFrame || this.#block.open);
  }

  /** True inside a header block whose end has not come. */
  get inHeaderBlock(): boolean {
    return this.#block.open;
  }

  push(chunk: Buffer): void {
    if (this.#stopped) return;
    let at = 0;
    while (this.#prefaceLeft > 0 && at < chunk.length) {
      if (chunk[at] !== clientPreface[clientPreface.length - this.#prefaceLeft]) {
        this.#breach('PROTOCOL_ERROR', 'the client preface is not that of HTTP/2', null, true);
        return;
      }
      this.#prefaceLeft--;
      at++;
    }
    if (at < chunk.length) this.#scanner.push(chunk, at);
  }

  head(type: number, flags: number, streamId: number, length: number): PayloadWish {
    if (this.#stopped) return 'skip';
    this.#type = type;
    this.#flags = flags;
    this.#streamId = streamId;
    this.#length = length;
    this.#listener.frameOffset = this.#nextFrameOffset;
    this.#nextFrameOffset += frameHeaderBytes + length;
    if (!this.#sawFrame) {
      this.#sawFrame = true;
      if (type !== frameTypes.SETTINGS || (flags & frameFlags.ACK) !== 0) this.#notSettingsFirst();
      if (this.#stopped) return 'skip';
    }
    if (length > this.#bounds.maxFrameBytes) {
      this.#breach(
        'FRAME_SIZE_ERROR',
        `${frameTypeName(type)} of ${length} bytes, ${this.#bounds.maxFrameBytes} allowed`,
        streamId,
      );
    }
    if (this.#block.open && (type !== frameTypes.CONTINUATION || streamId !== this.#block.streamId)) {
      this.#breach(
        'PROTOCOL_ERROR',
        `${frameTypeName(type)} inside a header block`,
        this.#block.streamId,
        true,
      );
    }
    if (this.#stopped) return 'skip';
    return this.#wish();
  }

  #notSettingsFirst(): void {
    // Not even a frame that RFC 9113 knows: some other protocol, whose lengths must not be followed.
    const garbage = this.#type > frameTypes.CONTINUATION;
    const what = garbage ? `bytes are ${this.#headerText()}` : `frame is ${frameTypeName(this.#type)}`;
    this.#breach('PROTOCOL_ERROR', `the first ${what}, not SETTINGS`, null, garbage);
  }

  /** The nine bytes that were taken for a frame header, as text. */
  #headerText(): string {
    const bytes = Buffer.alloc(frameHeaderBytes);
    bytes.writeUIntBE(this.#length, 0, 3);
    bytes[3] = this.#type;
    bytes[4] = this.#flags;
    bytes.writeUInt32BE(this.#streamId, 5);
    return JSON.stringify(bytes.toString('latin1'));
  }

  #wish(): PayloadWish {
    switch (this.#type) {
      case frameTypes.DATA:
        return this.#dataHead();
      case frameTypes.HEADERS:
      case frameTypes.PUSH_PROMISE:
      case frameTypes.CONTINUATION:
        if (this.#length + this.#block.bytes <= limits.headerBlockBytes) return 'whole';
        this.#breach(
          'ENHANCE_YOUR_CALM',
          `a header block over ${limits.headerBlockBytes} bytes`,
          this.#streamId,
          true,
        );
        return 'skip';
      case frameTypes.PRIORITY:
      case frameTypes.RST_STREAM:
      case frameTypes.SETTINGS:
      case frameTypes.PING:
      case frameTypes.GOAWAY:
      case frameTypes.WINDOW_UPDATE:
        return this.#length <= limits.controlFrameBytes ? 'whole' : 'skip';
      default:
        // RFC 9113 section 5.5: ignored.
        return 'skip';
    }
  }

  #dataHead(): PayloadWish {
    if (this.#streamId === 0) {
      this.#breach('PROTOCOL_ERROR', 'DATA on stream 0', null);
      return 'skip';
    }
    const endStream = (this.#flags & frameFlags.END_STREAM) !== 0;
    this.#padLengthAwaited = (this.#flags & frameFlags.PADDED) !== 0;
    this.#contentLeft = this.#length;
    this.#listener.dataStart(this.#streamId, this.#length, endStream);
    if (this.#padLengthAwaited && this.#length === 0) this.#badPadding();
    return 'pieces';
  }

  piece(chunk: Buffer, start: number, end: number): void {
    let at = start;
    if (this.#padLengthAwaited) {
      this.#padLengthAwaited = false;
      this.#contentLeft = this.#length - 1 - chunk[at]!;
      if (this.#contentLeft < 0) this.#badPadding();
      at++;
    }
    const contentEnd = Math.min(end, at + this.#contentLeft);
    if (contentEnd <= at) return;
    this.#contentLeft -= contentEnd - at;
    this.#listener.data(chunk, at, contentEnd);
  }

  end(): void {
    this.#listener.dataEnd();
  }

  whole(payload: Buffer): void {
    if (this.#stopped) return;
    if (this.#type === frameTypes.HEADERS) this.#headers(payload);
    else if (this.#type === frameTypes.CONTINUATION) this.#continuation(payload);
    else if (this.#type === frameTypes.PUSH_PROMISE) this.#pushPromise(payload);
    else {
      const frame = { type: this.#type, flags: this.#flags, streamId: this.#streamId, payload };
      readControlFrame(frame, this.#fromClient, this.#listener);
    }
  }

  #headers(payload: Buffer): void {
    const withPriority = (this.#flags & frameFlags.PRIORITY) !== 0;
    const [start, end] = this.#unpadded(payload, withPriority ? 5 : 0);
    if (start < 0) return;
    if (!this.#isOnStream()) return;
    if (withPriority) checkDependency(payload.readUInt32BE(start - 5), this.#streamId, this.#listener);
    this.#block.begin(this.#streamId, null, (this.#flags & frameFlags.END_STREAM) !== 0);
    this.#fragment(payload, start, end);
  }

  #pushPromise(payload: Buffer): void {
    if (this.#fromClient) this.#breach('PROTOCOL_ERROR', 'PUSH_PROMISE from a client', this.#streamId);
    const [start, end] = this.#unpadded(payload, 4);
    if (start < 0) return;
    if (!this.#isOnStream()) return;
    this.#block.begin(this.#streamId, payload.readUInt32BE(start - 4) & 0x7fff_ffff, false);
    this.#fragment(payload, start, end);
  }

  #continuation(payload: Buffer): void {
    if (!this.#block.open) {
      this.#breach('PROTOCOL_ERROR', 'CONTINUATION without HEADERS before it', this.#streamId, true);
    } else this.#fragment(payload, 0, payload.length);
  }

  #fragment(payload: Buffer, start: number, end: number): void {
    const block = this.#block;
    if ((this.#flags & frameFlags.END_HEADERS) === 0) {
      block.add(payload, start, end);
      return;
    }
    this.#hpack.tableLimit = Math.min(this.#bounds.tableBytes, limits.tableBytes);
    const decoded =
      block.bytes === 0
        ? this.#hpack.decode(payload, start, end)
        : this.#hpack.decode(block.joined(payload, start, end));
    const { streamId, promisedStreamId, endStream } = block;
    block.close();
    if (promisedStreamId !== null) this.#listener.pushPromise(streamId, promisedStreamId, decoded);
    else this.#listener.headers(streamId, decoded, endStream);
    if (decoded.error !== null) {
      const text = `HPACK ${decoded.error.kind} at byte ${decoded.error.offset} of the header block`;
      this.#breach('COMPRESSION_ERROR', text, streamId, true);
    }
  }

  /** Where the header block fragment lies; a start of -1 when it cannot be told, which loses the HPACK state. */
  #unpadded(payload: Buffer, fixedBytes: number): [start: number, end: number] {
    const padded = (this.#flags & frameFlags.PADDED) !== 0;
    const start = (padded ? 1 : 0) + fixedBytes;
    const end = payload.length - (padded ? (payload[0] ?? 0) : 0);
    if (start <= end) return [start, end];
    if (padded) this.#badPadding(true);
    else this.#breach('FRAME_SIZE_ERROR', `${frameTypeName(this.#type)} too short`, this.#streamId, true);
    return [-1, -1];
  }

  #badPadding(fatal = false): void {
    const text = `${frameTypeName(this.#type)} with padding as long as the frame`;
    this.#breach('PROTOCOL_ERROR', text, this.#streamId, fatal, 'bad_padding');
  }

  #isOnStream(): boolean {
    if (this.#streamId !== 0) return true;
    this.#breach('PROTOCOL_ERROR', `${frameTypeName(this.#type)} on stream 0`, null, true);
    return false;
  }

  #breach(
    code: ErrorCodeName,
    text: string,
    streamId: number | null,
    fatal = false,
    anomaly?: Anomaly,
  ): void {
    if (fatal) {
      this.#stopped = true;
      this.#block.close();
    }
    this.#listener.breach({ code, text, streamId: streamId || null, anomaly, fatal });
  }
}
