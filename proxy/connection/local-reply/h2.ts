import { errorCodes, frameFlags, frameTypes } from '../../../protos/h2/constants.ts';
import { FrameReader } from '../../../protos/h2/frame-reader.ts';
import { encodeGoaway, encodeHeaders, encodeSettings, encodeSettingsAck } from '../../../protos/h2/frames.ts';
import { HpackDecoder } from '../../../protos/hpack/decoder.ts';
import { HpackEncoder } from '../../../protos/hpack/encoder.ts';
import type { Responder } from './answer.ts';
import type { ReplyReason } from './reason.ts';

const PREFACE_BYTES = 24;
const MAX_BLOCK_BYTES = 65536;

/**
 * The least HTTP/2 server there is: it answers the first request and gives the connection up by GOAWAY (RFC 9113 3.4, 6.8).
 * A gRPC request gets a Trailers-Only answer with status 14 (UNAVAILABLE), so that its client may retry.
 */
export class H2Responder implements Responder {
  readonly #reason: ReplyReason;
  readonly #frames = new FrameReader(MAX_BLOCK_BYTES);
  readonly #decoder = new HpackDecoder();
  #prefaceLeft = PREFACE_BYTES;
  #greeted = false;
  /** Joined once: copying them for each new one would let empty CONTINUATION frames cost what they do not send. */
  readonly #fragments: Buffer[] = [];
  #blockBytes = 0;

  constructor(reason: ReplyReason) {
    this.#reason = reason;
  }

  push(chunk: Buffer): { send: Buffer | null; done: boolean } {
    const skipped = Math.min(this.#prefaceLeft, chunk.length);
    this.#prefaceLeft -= skipped;
    const parts: Buffer[] = [];
    if (!this.#greeted) {
      this.#greeted = true;
      parts.push(encodeSettings());
    }
    let done = false;
    for (const frame of this.#frames.push(chunk.subarray(skipped))) {
      if (frame.type === frameTypes.SETTINGS && (frame.flags & frameFlags.ACK) === 0) {
        parts.push(encodeSettingsAck());
        if (this.#reason.wantsHttp1) {
          parts.push(encodeGoaway(0, errorCodes.HTTP_1_1_REQUIRED, 'the upstream speaks HTTP/1.1 only'));
          done = true;
        }
      } else if (frame.type === frameTypes.HEADERS || frame.type === frameTypes.CONTINUATION) {
        const piece = fragment(frame);
        if (piece.length > 0) this.#fragments.push(piece);
        this.#blockBytes += piece.length;
        const whole = (frame.flags & frameFlags.END_HEADERS) !== 0;
        if (!whole && this.#blockBytes <= MAX_BLOCK_BYTES) continue;
        parts.push(this.#answer(frame.streamId));
        done = true;
      }
      if (done) break;
    }
    return { send: parts.length === 0 ? null : Buffer.concat(parts), done };
  }

  #answer(streamId: number): Buffer {
    const { fields } = this.#decoder.decode(Buffer.concat(this.#fragments));
    const contentType = fields.find(([name]) => name === 'content-type')?.[1] ?? '';
    const proxyStatus: [string, string] = ['proxy-status', `wiretracer; error=${this.#reason.proxyError}`];
    const answer: [string, string][] = contentType.startsWith('application/grpc')
      ? [
          [':status', '200'],
          ['content-type', 'application/grpc'],
          ['grpc-status', '14'],
          ['grpc-message', this.#reason.text],
          proxyStatus,
        ]
      : [[':status', String(this.#reason.status)], proxyStatus];
    return Buffer.concat([
      encodeHeaders(streamId, new HpackEncoder().encode(answer), { endStream: true }),
      encodeGoaway(streamId, errorCodes.NO_ERROR),
    ]);
  }
}

/** The HPACK fragment of HEADERS or CONTINUATION without padding and priority (RFC 9113 6.2). */
function fragment({ type, flags, payload }: { type: number; flags: number; payload: Buffer }): Buffer {
  if (type === frameTypes.CONTINUATION) return payload;
  const padded = (flags & frameFlags.PADDED) !== 0;
  const start = (padded ? 1 : 0) + ((flags & frameFlags.PRIORITY) !== 0 ? 5 : 0);
  const end = payload.length - (padded ? (payload[0] ?? 0) : 0);
  return payload.subarray(Math.min(start, payload.length), Math.max(start, end));
}
