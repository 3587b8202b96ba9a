import {
  clientPreface,
  defaultWindowBytes,
  frameFlags,
  frameTypes,
  settings,
} from '../../protos/h2/constants.ts';
import { type Frame, FrameReader } from '../../protos/h2/frame-reader.ts';
import {
  encodeData,
  encodeHeaders,
  encodePing,
  encodeRstStream,
  encodeSettings,
  encodeSettingsAck,
  encodeWindowUpdate,
} from '../../protos/h2/frames.ts';
import { HpackDecoder } from '../../protos/hpack/decoder.ts';
import { HpackEncoder } from '../../protos/hpack/encoder.ts';
import type { ServerConnection } from '../endpoints/server-connection.ts';
import { H2Request } from './h2-request.ts';

export type H2PeerOptions = {
  /** The SETTINGS sent first; null sends none. */
  settings?: [id: number, value: number][] | null;
  /** Called for each request whose END_STREAM came. */
  request?: (request: H2Request) => void;
  /** Called for each request as soon as its header fields came. */
  head?: (request: H2Request) => void;
  pingAck?: (frame: Frame) => void;
  /** Called for each PING; false leaves it without its acknowledgement. */
  ping?: (frame: Frame) => boolean;
  settingsAck?: () => void;
  /** Give the peer credit for what it sent. Default true. */
  credit?: boolean;
  /** Acknowledge the peer's SETTINGS. Default true. */
  acknowledge?: boolean;
};

type Pending = { id: number; data: Buffer; padBytes?: number; frameBytes: number; done: () => void };

/**
 * An HTTP/2 server of frames: it reads requests, answers SETTINGS and PING, keeps both flow-control windows, and leaves
 * everything else to its user, so that a fault says exactly the frames that it means.
 */
export class H2Peer {
  readonly connection: ServerConnection;
  readonly encoder = new HpackEncoder();
  /** The peer's SETTINGS, as received. */
  readonly peerSettings = new Map<number, number>();
  /** What the peer has sent so far: bytes above TLS, and whole frames. */
  readonly received = { bytes: 0, frames: 0 };
  readonly #requests = new Map<number, H2Request>();
  readonly #options: H2PeerOptions;
  readonly #decoder = new HpackDecoder();
  readonly #frames = new FrameReader();
  #preface: Buffer | null = Buffer.alloc(0);
  #block: { id: number; flags: number; parts: Buffer[]; bytes: number } | null = null;
  #connectionWindow = defaultWindowBytes;
  readonly #streamCredit = new Map<number, number>();
  #pending: Pending[] = [];

  constructor(connection: ServerConnection, options: H2PeerOptions) {
    this.connection = connection;
    this.#options = options;
    if (options.settings !== null) this.send(encodeSettings(options.settings ?? []));
    connection.stream.on('data', (chunk: Buffer) => {
      // What one read brings about leaves in one write, so that nobody reacts to one frame of an answer before the next is on its way.
      connection.stream.cork();
      this.#read(chunk);
      connection.stream.uncork();
    });
    connection.stream.once('end', () => connection.end());
    connection.raw.once('close', () => {
      for (const request of this.#requests.values()) request.cut();
    });
  }

  /** Requests whose answer has not ended. */
  get open(): number {
    let open = 0;
    for (const request of this.#requests.values()) if (!request.closed) open++;
    return open;
  }

  send(bytes: Buffer, done?: () => void): void {
    if (this.connection.stream.writable) this.connection.stream.write(bytes, done);
  }

  /** HEADERS with these fields. */
  headers(
    id: number,
    fields: [string, string][],
    options: { endStream?: boolean; padBytes?: number } = {},
  ): void {
    this.#requests.get(id)?.answered(fields);
    this.send(encodeHeaders(id, this.encoder.encode(fields), options));
    if (options.endStream) this.finished(id);
  }

  /**
   * DATA within the windows the peer gave, in frames of at most `frameBytes`. `done` is called once all of it is written.
   * END_STREAM is a frame of its own: `end`.
   */
  data(
    id: number,
    data: Buffer,
    options: { padBytes?: number; frameBytes?: number } = {},
    done: () => void = () => {},
  ): void {
    this.#pending.push({
      id,
      data,
      padBytes: options.padBytes,
      frameBytes: options.frameBytes ?? 16_384,
      done,
    });
    this.#pump();
  }

  end(id: number): void {
    this.send(encodeData(id, '', { endStream: true }));
    this.finished(id);
  }

  rst(id: number, code: number): void {
    this.send(encodeRstStream(id, code));
    this.finished(id);
  }

  /** A TCP reset behind all that was sent: what the same read had brought about before has left by then. */
  reset(): void {
    this.connection.stream.uncork();
    this.connection.reset();
  }

  /** Nothing more is sent on this stream: its response is observed. */
  finished(id: number): void {
    this.#pending = this.#pending.filter((pending) => pending.id !== id);
    this.#requests.get(id)?.responded();
  }

  #read(chunk: Buffer): void {
    this.received.bytes += chunk.length;
    let bytes = chunk;
    if (this.#preface) {
      this.#preface = Buffer.concat([this.#preface, chunk]);
      if (this.#preface.length < clientPreface.length) return;
      bytes = this.#preface.subarray(clientPreface.length);
      this.#preface = null;
    }
    for (const frame of this.#frames.push(bytes)) this.#receive(frame);
  }

  #receive(frame: Frame): void {
    this.received.frames += 1;
    switch (frame.type) {
      case frameTypes.SETTINGS:
        this.#settings(frame);
        return;
      case frameTypes.PING:
        if (frame.flags & frameFlags.ACK) this.#options.pingAck?.(frame);
        else if (this.#options.ping?.(frame) ?? true) this.send(encodePing(frame.payload, true));
        return;
      case frameTypes.HEADERS:
        this.#block = {
          id: frame.streamId,
          flags: frame.flags,
          parts: [fragment(frame)],
          bytes: frame.length,
        };
        if (frame.flags & frameFlags.END_HEADERS) this.#fields();
        return;
      case frameTypes.CONTINUATION:
        this.#continuation(frame);
        return;
      case frameTypes.DATA:
        this.#data(frame);
        return;
      case frameTypes.WINDOW_UPDATE:
        this.#windowUpdate(frame);
        return;
      case frameTypes.RST_STREAM:
        if (frame.payload.length === 4)
          this.connection.peerSaid('rst_stream', frame.payload.readUInt32BE(0), {
            stream_id: frame.streamId,
          });
        this.#requests.get(frame.streamId)?.cut();
        this.#pending = this.#pending.filter((pending) => pending.id !== frame.streamId);
        return;
      case frameTypes.GOAWAY:
        if (frame.payload.length >= 8)
          this.connection.peerSaid('goaway', frame.payload.readUInt32BE(4), {
            debug: frame.payload.toString('latin1', 8, 8 + 200),
          });
        this.connection.peerLeaves();
        return;
    }
  }

  #settings(frame: Frame): void {
    if (frame.flags & frameFlags.ACK) {
      this.#options.settingsAck?.();
      return;
    }
    for (let at = 0; at + 6 <= frame.payload.length; at += 6) {
      this.peerSettings.set(frame.payload.readUInt16BE(at), frame.payload.readUInt32BE(at + 2));
    }
    if (this.#options.acknowledge ?? true) this.send(encodeSettingsAck());
    this.#pump();
  }

  #continuation(frame: Frame): void {
    if (!this.#block || this.#block.bytes > MAX_BLOCK_BYTES) return;
    this.#block.parts.push(frame.payload);
    this.#block.bytes += frame.length;
    if (frame.flags & frameFlags.END_HEADERS) this.#fields();
  }

  #fields(): void {
    const block = this.#block;
    this.#block = null;
    if (!block) return;
    const decoded = this.#decoder.decode(Buffer.concat(block.parts));
    if (decoded.error) {
      this.connection.end();
      return;
    }
    const endStream = (block.flags & frameFlags.END_STREAM) !== 0;
    const fields = decoded.fields.map(([name, value]): [string, string] => [name, value]);
    const known = this.#requests.get(block.id);
    if (known) known.trailers.push(...fields);
    else {
      this.#forgetClosed();
      const request = new H2Request(this.connection, block.id, fields);
      this.#requests.set(block.id, request);
      this.#options.head?.(request);
    }
    if (endStream) this.#complete(block.id);
  }

  /** A peer may open streams without end: the closed ones are forgotten once they are many. */
  #forgetClosed(): void {
    if (this.#requests.size < MAX_REQUESTS_KEPT) return;
    for (const [id, request] of this.#requests) {
      if (!request.closed) continue;
      this.#requests.delete(id);
      this.#streamCredit.delete(id);
    }
  }

  #complete(id: number): void {
    const request = this.#requests.get(id);
    if (request?.complete()) this.#options.request?.(request);
  }

  #data(frame: Frame): void {
    const request = this.#requests.get(frame.streamId);
    const padBytes = frame.flags & frameFlags.PADDED ? (frame.payload[0] ?? 0) : -1;
    request?.data(frame.payload.subarray(padBytes < 0 ? 0 : 1, frame.payload.length - Math.max(0, padBytes)));
    if (frame.length > 0 && (this.#options.credit ?? true)) {
      this.send(encodeWindowUpdate(0, frame.length));
      if (!(frame.flags & frameFlags.END_STREAM)) this.send(encodeWindowUpdate(frame.streamId, frame.length));
    }
    if (frame.flags & frameFlags.END_STREAM) this.#complete(frame.streamId);
  }

  #windowUpdate(frame: Frame): void {
    if (frame.payload.length < 4) return;
    const credit = frame.payload.readUInt32BE(0) & 0x7fff_ffff;
    if (frame.streamId === 0) this.#connectionWindow += credit;
    else this.#streamCredit.set(frame.streamId, (this.#streamCredit.get(frame.streamId) ?? 0) + credit);
    this.#pump();
  }

  /** Sends what the windows allow, streams in turn of their asking; a blocked stream does not hold the others back. */
  #pump(): void {
    const initial = this.peerSettings.get(settings.INITIAL_WINDOW_SIZE) ?? defaultWindowBytes;
    const blocked = new Set<number>();
    const frames: Buffer[] = [];
    const done: (() => void)[] = [];
    for (const pending of this.#pending) {
      const overhead = pending.padBytes === undefined ? 0 : pending.padBytes + 1;
      while (pending.data.length > 0 && !blocked.has(pending.id)) {
        const streamWindow = initial + (this.#streamCredit.get(pending.id) ?? 0);
        const room = Math.min(streamWindow, this.#connectionWindow) - overhead;
        const piece = pending.data.subarray(0, Math.min(pending.frameBytes, Math.max(0, room)));
        if (piece.length === 0) blocked.add(pending.id);
        else {
          pending.data = pending.data.subarray(piece.length);
          this.#connectionWindow -= piece.length + overhead;
          this.#streamCredit.set(pending.id, streamWindow - initial - piece.length - overhead);
          this.#requests.get(pending.id)?.sent(piece);
          frames.push(encodeData(pending.id, piece, { padBytes: pending.padBytes }));
        }
      }
      if (pending.data.length === 0) done.push(pending.done);
      else blocked.add(pending.id);
    }
    this.#pending = this.#pending.filter((pending) => pending.data.length > 0);
    if (frames.length > 0) this.send(Buffer.concat(frames));
    for (const call of done) call();
  }
}

const MAX_BLOCK_BYTES = 1 << 20;
const MAX_REQUESTS_KEPT = 1000;

/** The header block fragment of HEADERS without padding and priority (RFC 9113 6.2). */
function fragment(frame: Frame): Buffer {
  const padded = (frame.flags & frameFlags.PADDED) !== 0;
  const start = (padded ? 1 : 0) + (frame.flags & frameFlags.PRIORITY ? 5 : 0);
  const end = frame.payload.length - (padded ? (frame.payload[0] ?? 0) : 0);
  return frame.payload.subarray(start, Math.max(start, end));
}
