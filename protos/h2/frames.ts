import { frameFlags, frameHeaderBytes, frameTypes } from './constants.ts';

/**
 * One frame as bytes. Nothing is checked, so that a fault can say what no peer should: `length` overrides the
 * length field, `reservedBit` sets the bit RFC 9113 section 4.1 keeps at zero.
 */
export function encodeFrame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array = empty,
  wrong: { length?: number; reservedBit?: boolean } = {},
): Buffer {
  const frame = Buffer.allocUnsafe(frameHeaderBytes + payload.length);
  frame.writeUIntBE((wrong.length ?? payload.length) & 0xff_ffff, 0, 3);
  frame[3] = type;
  frame[4] = flags;
  frame.writeUInt32BE(((streamId & 0x7fff_ffff) | (wrong.reservedBit ? 0x8000_0000 : 0)) >>> 0, 5);
  frame.set(payload, frameHeaderBytes);
  return frame;
}

/** SETTINGS with the pairs in the order given; an identifier may come twice. */
export function encodeSettings(pairs: readonly (readonly [id: number, value: number])[] = []): Buffer {
  const payload = Buffer.allocUnsafe(pairs.length * 6);
  pairs.forEach(([id, value], index) => {
    payload.writeUInt16BE(id & 0xffff, index * 6);
    payload.writeUInt32BE(value >>> 0, index * 6 + 2);
  });
  return encodeFrame(frameTypes.SETTINGS, 0, 0, payload);
}

export function encodeSettingsAck(): Buffer {
  return encodeFrame(frameTypes.SETTINGS, frameFlags.ACK, 0);
}

/** `opaque` is 8 bytes where the peer should accept the frame. */
export function encodePing(opaque: Uint8Array = new Uint8Array(8), ack = false): Buffer {
  return encodeFrame(frameTypes.PING, ack ? frameFlags.ACK : 0, 0, opaque);
}

export function encodeGoaway(
  lastStreamId: number,
  errorCode: number,
  debugData: string | Uint8Array = '',
): Buffer {
  const debug = typeof debugData === 'string' ? Buffer.from(debugData) : debugData;
  const payload = Buffer.allocUnsafe(8 + debug.length);
  payload.writeUInt32BE(lastStreamId >>> 0, 0);
  payload.writeUInt32BE(errorCode >>> 0, 4);
  payload.set(debug, 8);
  return encodeFrame(frameTypes.GOAWAY, 0, 0, payload);
}

export function encodeRstStream(streamId: number, errorCode: number): Buffer {
  return encodeFrame(frameTypes.RST_STREAM, 0, streamId, uint32(errorCode));
}

/** `streamId` 0 updates the window of the connection. */
export function encodeWindowUpdate(streamId: number, increment: number): Buffer {
  return encodeFrame(frameTypes.WINDOW_UPDATE, 0, streamId, uint32(increment));
}

/** The five bytes of RFC 9113 section 6.3; `weight` is 1 to 256 as people say it, one less on the wire. */
export function encodePriority(
  streamId: number,
  priority: { exclusive: boolean; dependsOn: number; weight: number },
): Buffer {
  return encodeFrame(frameTypes.PRIORITY, 0, streamId, priorityPayload(priority));
}

export type HeadersOptions = {
  endStream?: boolean;
  endHeaders?: boolean;
  padBytes?: number;
  priority?: { exclusive: boolean; dependsOn: number; weight: number };
};

/** HEADERS carrying a header block fragment that is already HPACK. Default: END_HEADERS, no END_STREAM. */
export function encodeHeaders(streamId: number, block: Uint8Array, options: HeadersOptions = {}): Buffer {
  const { endStream = false, endHeaders = true, padBytes, priority } = options;
  const flags =
    (endStream ? frameFlags.END_STREAM : 0) |
    (endHeaders ? frameFlags.END_HEADERS : 0) |
    (padBytes === undefined ? 0 : frameFlags.PADDED) |
    (priority === undefined ? 0 : frameFlags.PRIORITY);
  const content = priority === undefined ? block : Buffer.concat([priorityPayload(priority), block]);
  return encodeFrame(frameTypes.HEADERS, flags, streamId, padded(content, padBytes));
}

export function encodeContinuation(streamId: number, block: Uint8Array, endHeaders = true): Buffer {
  return encodeFrame(frameTypes.CONTINUATION, endHeaders ? frameFlags.END_HEADERS : 0, streamId, block);
}

export function encodePushPromise(
  streamId: number,
  promisedStreamId: number,
  block: Uint8Array,
  options: { endHeaders?: boolean; padBytes?: number } = {},
): Buffer {
  const { endHeaders = true, padBytes } = options;
  const flags = (endHeaders ? frameFlags.END_HEADERS : 0) | (padBytes === undefined ? 0 : frameFlags.PADDED);
  const content = Buffer.concat([uint32(promisedStreamId), block]);
  return encodeFrame(frameTypes.PUSH_PROMISE, flags, streamId, padded(content, padBytes));
}

export function encodeData(
  streamId: number,
  data: string | Uint8Array,
  options: { endStream?: boolean; padBytes?: number } = {},
): Buffer {
  const { endStream = false, padBytes } = options;
  const flags = (endStream ? frameFlags.END_STREAM : 0) | (padBytes === undefined ? 0 : frameFlags.PADDED);
  const content = typeof data === 'string' ? Buffer.from(data) : data;
  return encodeFrame(frameTypes.DATA, flags, streamId, padded(content, padBytes));
}

const empty = new Uint8Array(0);

function padded(content: Uint8Array, padBytes: number | undefined): Uint8Array {
  if (padBytes === undefined) return content;
  return Buffer.concat([Buffer.of(padBytes), content, Buffer.alloc(padBytes)]);
}

function priorityPayload(priority: { exclusive: boolean; dependsOn: number; weight: number }): Buffer {
  const payload = Buffer.allocUnsafe(5);
  payload.writeUInt32BE(
    ((priority.dependsOn & 0x7fff_ffff) | (priority.exclusive ? 0x8000_0000 : 0)) >>> 0,
    0,
  );
  payload[4] = priority.weight - 1;
  return payload;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value >>> 0, 0);
  return bytes;
}
