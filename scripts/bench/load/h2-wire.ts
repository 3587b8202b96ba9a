/**
 * Just enough HTTP/2 (RFC 9113) for a gRPC peer that costs little: whole frames out of pieces, and frames to send. Node's
 * own client takes longer for a call than a relay does, so it would be what is measured.
 */
import { HpackEncoder } from '../../../protos/hpack/encoder.ts';

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export const types = { data: 0, headers: 1, rstStream: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 8 };
export const endStream = 0x1;
export const endHeaders = 0x4;
const ack = 0x1;

export function frame(type: number, flags: number, streamId: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(9 + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(streamId, 5);
  bytes.set(payload, 9);
  return bytes;
}

export function windowUpdate(streamId: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return frame(types.windowUpdate, 0, streamId, payload);
}

export const settingsAck = frame(types.settings, ack, 0, Buffer.alloc(0));

/** A peer's first frames: any number of streams, and windows so wide that a sender need not count them. */
export function opening(): Buffer {
  const settings = Buffer.alloc(12);
  settings.writeUInt16BE(0x3, 0);
  settings.writeUInt32BE(100_000, 2);
  settings.writeUInt16BE(0x4, 6);
  settings.writeUInt32BE(widestWindow, 8);
  return Buffer.concat([frame(types.settings, 0, 0, settings), windowUpdate(0, widestWindow - 65_535)]);
}

const widestWindow = 2 ** 31 - 1;
/** After so many bytes of one stream a peer opens the windows again. */
export const windowStep = 1 << 24;

/** What a header block is the first time, when it enters the table, and every later time. */
export type Block = { first: Buffer; later: Buffer };

export function blockOf(fields: [name: string, value: string][]): Block {
  const encoder = new HpackEncoder();
  return { first: encoder.encode(fields), later: encoder.encode(fields) };
}

/** Trailers that leave the table alone, so that they may come in any order with other blocks. */
export const okTrailers = new HpackEncoder().encode([
  { name: 'grpc-status', value: '0', indexing: 'without' },
]);

export type OnFrame = (type: number, flags: number, streamId: number, payload: Buffer) => void;

/** Calls back for every whole frame; answers SETTINGS and PING through `reply`, which those frames never reach. */
export function frameReader(
  onFrame: OnFrame,
  reply: (bytes: Buffer) => void,
  skipBytes = 0,
): (piece: Buffer) => void {
  let pending = Buffer.alloc(0);
  let skip = skipBytes;
  return (piece) => {
    let bytes = pending.length > 0 ? Buffer.concat([pending, piece]) : piece;
    const skipped = Math.min(skip, bytes.length);
    skip -= skipped;
    bytes = bytes.subarray(skipped);
    let at = 0;
    while (bytes.length - at >= 9) {
      const end = at + 9 + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      const type = bytes[at + 3]!;
      const flags = bytes[at + 4]!;
      const payload = bytes.subarray(at + 9, end);
      if (type === types.settings) {
        if ((flags & ack) === 0) reply(settingsAck);
      } else if (type === types.ping) {
        if ((flags & ack) === 0) reply(frame(types.ping, ack, 0, payload));
      } else onFrame(type, flags, bytes.readUInt32BE(at + 5) & 0x7fffffff, payload);
      at = end;
    }
    pending = Buffer.from(bytes.subarray(at));
  };
}
