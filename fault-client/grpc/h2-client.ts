import type { Duplex } from 'node:stream';
import { clientPreface, errorCodes, frameFlags, frameTypes, settings } from '../../protos/h2/constants.ts';
import { type Frame, FrameReader } from '../../protos/h2/frame-reader.ts';
import {
  encodeContinuation,
  encodeGoaway,
  encodeHeaders,
  encodePing,
  encodeRstStream,
  encodeSettings,
  encodeSettingsAck,
  encodeWindowUpdate,
} from '../../protos/h2/frames.ts';
import { HpackDecoder } from '../../protos/hpack/decoder.ts';
import { HpackEncoder } from '../../protos/hpack/encoder.ts';
import { RunError } from '../run/run-error.ts';
import { H2Stream, type StreamEvents } from './h2-stream.ts';

export type GoawaySeen = { code: number; last_stream_id: number; debug: string };

/** A header block over many CONTINUATION frames is given up beyond this. */
const maxBlockBytes = 256 * 1024;
/** This side's connection window is topped up when half of it is used. */
const windowBytes = 65_535;

/**
 * A small HTTP/2 client connection (RFC 9113) that shows everything: streams with flow control both ways, SETTINGS, PING,
 * CONTINUATION and GOAWAY. It never throws at what the peer sends; a protocol error ends it with a GOAWAY.
 */
export class H2Client {
  goaway: GoawaySeen | null = null;
  /** Set when no further stream can be opened. */
  over = false;
  peerMaxFrameBytes = 16_384;
  peerInitialWindowBytes = 65_535;
  sendWindowBytes = 65_535;
  readonly settled: Promise<void>;
  readonly #socket: Duplex;
  readonly #onGoaway: (goaway: GoawaySeen) => void;
  readonly #reader = new FrameReader();
  readonly #decoder = new HpackDecoder({ maxListBytes: 128 * 1024 });
  readonly #encoder = new HpackEncoder();
  readonly #streams = new Map<number, H2Stream>();
  readonly #waiting: H2Stream[] = [];
  readonly #settle: () => void;
  readonly #farewell = Promise.withResolvers<void>();
  #peerMaxStreams = Number.POSITIVE_INFINITY;
  #nextId = 1;
  #unackedBytes = 0;
  #block: { streamId: number; endStream: boolean; parts: Buffer[]; bytes: number } | null = null;

  constructor(socket: Duplex, onGoaway: (goaway: GoawaySeen) => void) {
    this.#socket = socket;
    this.#onGoaway = onGoaway;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.settled = promise;
    this.#settle = resolve;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('end', () => this.#lost(new RunError('response', 'CONNECTION_ENDED', 'the peer sent FIN')));
    socket.on('error', (error) => this.#lost(error));
    socket.on('close', () =>
      this.#lost(new RunError('response', 'CONNECTION_ENDED', 'the connection is closed')),
    );
    this.write(clientPreface);
    this.write(encodeSettings([[settings.ENABLE_PUSH, 0]]));
  }

  /** The stream opens at once, or as soon as the peer's MAX_CONCURRENT_STREAMS lets it. */
  open(fields: readonly (readonly [string, string])[], events: StreamEvents): H2Stream {
    const stream = new H2Stream(this, fields, events);
    this.#waiting.push(stream);
    this.#openWaiting();
    return stream;
  }

  /** False when none came within `limitMs`, or the connection ended without. */
  async waitForGoaway(limitMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([this.#farewell.promise, limit]);
    clearTimeout(timer);
    return this.goaway !== null;
  }

  /** A server that gives up says GOAWAY with an error and ends. */
  peerWillEnd(): boolean {
    return this.goaway !== null && this.goaway.code !== 0;
  }

  /** Say goodbye (GOAWAY NO_ERROR) and send the FIN. */
  close(): void {
    this.over = true;
    this.write(encodeGoaway(0, errorCodes.NO_ERROR));
    this.#socket.end();
  }

  write(bytes: Uint8Array, written?: () => void): void {
    if (this.#socket.writable) this.#socket.write(bytes, () => written?.());
    else written?.();
  }

  headers(stream: H2Stream): void {
    const block = this.#encoder.encode(stream.fields);
    const first = block.subarray(0, this.peerMaxFrameBytes);
    this.write(encodeHeaders(stream.id, first, { endHeaders: first.length === block.length }));
    for (let at = first.length; at < block.length; at += this.peerMaxFrameBytes) {
      const end = at + this.peerMaxFrameBytes;
      this.write(encodeContinuation(stream.id, block.subarray(at, end), end >= block.length));
    }
  }

  /** A stream that is done on both sides, or reset, makes room for the next. */
  forget(stream: H2Stream): void {
    this.#streams.delete(stream.id);
    const queued = this.#waiting.indexOf(stream);
    if (queued >= 0) this.#waiting.splice(queued, 1);
    this.#openWaiting();
  }

  #openWaiting(): void {
    while (this.#waiting.length > 0 && this.#streams.size < this.#peerMaxStreams) {
      const stream = this.#waiting.shift()!;
      if (this.over) {
        stream.lost(new RunError('request', 'REFUSED', 'the connection takes no more streams'), true);
        continue;
      }
      stream.id = this.#nextId;
      this.#nextId += 2;
      this.#streams.set(stream.id, stream);
      stream.opened(this.peerInitialWindowBytes);
    }
  }

  #take(chunk: Buffer): void {
    for (const frame of this.#reader.push(chunk)) this.#frame(frame);
  }

  #frame(frame: Frame): void {
    if (this.#block && frame.type !== frameTypes.CONTINUATION) {
      this.#protocolError('CONTINUATION expected');
      return;
    }
    switch (frame.type) {
      case frameTypes.DATA:
        this.#data(frame);
        return;
      case frameTypes.HEADERS:
        this.#headerBlock(frame, frame.streamId, unpadded(frame, frame.flags & frameFlags.PRIORITY ? 5 : 0));
        return;
      case frameTypes.CONTINUATION:
        this.#continuation(frame);
        return;
      case frameTypes.RST_STREAM:
        this.#streams.get(frame.streamId)?.reset(uint32(frame.payload, 0));
        return;
      case frameTypes.SETTINGS:
        this.#settings(frame);
        return;
      case frameTypes.PING:
        if (!(frame.flags & frameFlags.ACK)) this.write(encodePing(frame.payload, true));
        return;
      case frameTypes.GOAWAY:
        this.#goawayFrame(frame);
        return;
      case frameTypes.WINDOW_UPDATE:
        this.#windowUpdate(frame);
        return;
      default:
        return;
    }
  }

  #data(frame: Frame): void {
    this.#unackedBytes += frame.length;
    if (this.#unackedBytes > windowBytes / 2) {
      this.write(encodeWindowUpdate(0, this.#unackedBytes));
      this.#unackedBytes = 0;
    }
    const stream = this.#streams.get(frame.streamId);
    const payload = unpadded(frame, 0);
    if (!payload) {
      this.#protocolError('padding longer than the frame');
      return;
    }
    stream?.data(payload, frame.length, (frame.flags & frameFlags.END_STREAM) !== 0);
  }

  #headerBlock(frame: Frame, streamId: number, fragment: Buffer | null): void {
    if (!fragment) {
      this.#protocolError('padding longer than the frame');
      return;
    }
    const endStream = (frame.flags & frameFlags.END_STREAM) !== 0;
    this.#block = { streamId, endStream, parts: [fragment], bytes: fragment.length };
    if (frame.flags & frameFlags.END_HEADERS) this.#blockDone();
  }

  #continuation(frame: Frame): void {
    if (!this.#block || this.#block.streamId !== frame.streamId) {
      this.#protocolError('CONTINUATION: unexpected');
      return;
    }
    this.#block.parts.push(frame.payload);
    this.#block.bytes += frame.length;
    if (this.#block.bytes > maxBlockBytes) {
      this.#protocolError('header block too long');
      return;
    }
    if (frame.flags & frameFlags.END_HEADERS) this.#blockDone();
  }

  #blockDone(): void {
    const { streamId, endStream, parts } = this.#block!;
    this.#block = null;
    const decoded = this.#decoder.decode(Buffer.concat(parts));
    if (decoded.error) {
      this.#protocolError(`HPACK: ${decoded.error.kind}`, errorCodes.COMPRESSION_ERROR);
      return;
    }
    const fields = decoded.fields.map(([name, value]): [string, string] => [name, value]);
    this.#streams.get(streamId)?.headers(fields, endStream);
  }

  #settings(frame: Frame): void {
    if (frame.flags & frameFlags.ACK) return;
    for (let at = 0; at + 6 <= frame.payload.length; at += 6) {
      const value = frame.payload.readUInt32BE(at + 2);
      switch (frame.payload.readUInt16BE(at)) {
        case settings.MAX_CONCURRENT_STREAMS:
          this.#peerMaxStreams = value;
          break;
        case settings.MAX_FRAME_SIZE:
          this.peerMaxFrameBytes = value;
          break;
        case settings.HEADER_TABLE_SIZE:
          this.#encoder.resizeTable(Math.min(value, 4096));
          break;
        case settings.INITIAL_WINDOW_SIZE:
          // A change moves the windows of open streams too (RFC 9113 6.9.2).
          for (const stream of this.#streams.values())
            stream.windowUpdate(value - this.peerInitialWindowBytes);
          this.peerInitialWindowBytes = value;
      }
    }
    this.write(encodeSettingsAck());
    this.#settle();
    this.#openWaiting();
  }

  #windowUpdate(frame: Frame): void {
    const increment = uint32(frame.payload, 0) & 0x7fffffff;
    if (frame.streamId !== 0) {
      this.#streams.get(frame.streamId)?.windowUpdate(increment);
      return;
    }
    this.sendWindowBytes += increment;
    for (const stream of this.#streams.values()) stream.flush();
  }

  #goawayFrame(frame: Frame): void {
    this.over = true;
    this.goaway = {
      last_stream_id: uint32(frame.payload, 0) & 0x7fffffff,
      code: uint32(frame.payload, 4),
      debug: frame.payload.toString('latin1', 8, 1032),
    };
    this.#onGoaway(this.goaway);
    this.#farewell.resolve();
    const refused = new RunError(
      'response',
      'GOAWAY',
      `GOAWAY with code ${this.goaway.code}: ${this.goaway.debug}`,
    );
    for (const stream of [...this.#streams.values()])
      if (stream.id > this.goaway.last_stream_id) stream.lost(refused, true);
    this.#openWaiting();
  }

  #protocolError(debug: string, code: number = errorCodes.PROTOCOL_ERROR): void {
    this.write(encodeGoaway(0, code, debug));
    this.#socket.end();
    this.#lost(new RunError('response', 'H2_PROTOCOL_ERROR', debug));
  }

  #lost(error: Error): void {
    this.over = true;
    this.#settle();
    this.#farewell.resolve();
    for (const stream of [...this.#streams.values()]) stream.lost(error, false);
    this.#openWaiting();
  }

  rst(stream: H2Stream, code: number): void {
    if (stream.id > 0) this.write(encodeRstStream(stream.id, code));
  }
}

function uint32(payload: Buffer, at: number): number {
  return payload.length >= at + 4 ? payload.readUInt32BE(at) : 0;
}

/** The payload without padding and without `skip` bytes of priority; null when the padding is longer than the frame. */
function unpadded(frame: Frame, skip: number): Buffer | null {
  if (!(frame.flags & frameFlags.PADDED)) return frame.payload.subarray(skip);
  const end = frame.payload.length - (frame.payload[0] ?? 0);
  return end < 1 + skip ? null : frame.payload.subarray(1 + skip, end);
}
