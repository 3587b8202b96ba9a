import type { Rewrite } from '../double.ts';

/** One HTTP/2 frame (RFC 9113 4.1). */
export type Frame = { type: number; flags: number; stream: number; payload: Buffer };

export const frameTypes = { data: 0, headers: 1, rstStream: 3, settings: 4, goaway: 7 };
/** Of DATA and HEADERS (RFC 9113 6.1, 6.2). */
export const endStream = 0x1;

/**
 * Rewrites the frames of the given types and passes every other byte on as it comes. `change` gives the frames to send in
 * place of one. A stream that is not HTTP/2 is left alone.
 */
export function rewriteFrames(types: number[], change: (frame: Frame) => Frame[]): Rewrite {
  let held = Buffer.alloc(0);
  /** Bytes of a frame of no interest that are still to come. */
  let passing = 0;
  let protocol: 'unknown' | 'h2' | 'other' = 'unknown';
  let touched = false;
  const write = (bytes: Buffer): Buffer => {
    if (protocol === 'other') return bytes;
    held = Buffer.concat([held, bytes]);
    const out: Buffer[] = [];
    const pass = (length: number) => {
      out.push(held.subarray(0, length));
      held = held.subarray(length);
    };
    if (protocol === 'unknown') {
      const start = startOf(held);
      if (start === null) return Buffer.alloc(0);
      protocol = start.h2 ? 'h2' : 'other';
      pass(start.h2 ? start.prefix : held.length);
    }
    while (protocol === 'h2' && held.length > 0) {
      if (passing > 0) {
        const length = Math.min(passing, held.length);
        passing -= length;
        pass(length);
        continue;
      }
      if (held.length < 9) break;
      const length = 9 + held.readUIntBE(0, 3);
      if (!types.includes(held[3]!)) {
        passing = length;
        continue;
      }
      if (held.length < length) break;
      const frame = {
        type: held[3]!,
        flags: held[4]!,
        stream: held.readUInt32BE(5) & 0x7fffffff,
        payload: Buffer.from(held.subarray(9, length)),
      };
      held = held.subarray(length);
      const sent = Buffer.concat(change(frame).map(bytesOf));
      touched ||= !sent.equals(bytesOf(frame));
      out.push(sent);
    }
    return Buffer.concat(out);
  };
  const end = () => {
    const rest = held;
    held = Buffer.alloc(0);
    return rest;
  };
  return { write, end, touched: () => touched };
}

export function bytesOf({ type, flags, stream, payload }: Frame): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** A client begins with the preface, a server with SETTINGS (RFC 9113 3.4). Null while it cannot be told. */
function startOf(bytes: Buffer): { h2: boolean; prefix: number } | null {
  if (bytes.subarray(0, preface.length).equals(preface.subarray(0, bytes.length)))
    return bytes.length < preface.length ? null : { h2: true, prefix: preface.length };
  if (bytes.length < 9)
    return /^(HTTP\/|[A-Z]+ )/.test(bytes.toString('latin1')) ? { h2: false, prefix: 0 } : null;
  const settings = bytes[3] === frameTypes.settings && bytes.readUInt32BE(5) === 0 && bytes[0] === 0;
  return { h2: settings, prefix: 0 };
}
