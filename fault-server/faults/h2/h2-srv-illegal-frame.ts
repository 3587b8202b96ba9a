import { frameFlags, frameTypes, settings } from '../../../protos/h2/constants.ts';
import {
  encodeContinuation,
  encodeData,
  encodeFrame,
  encodeHeaders,
  encodePing,
  encodeRstStream,
  encodeSettings,
  encodeSettingsAck,
  encodeWindowUpdate,
} from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

const widest = 0x7fff_ffff;
/** `:status: 200` of the static table. */
const status200 = Buffer.of(0x88);

/** What each sends; `id` is the stream of the request. */
const frames: Record<string, (id: number) => Buffer[]> = {
  settings_length: () => [encodeFrame(frameTypes.SETTINGS, 0, 0, Buffer.alloc(5))],
  settings_ack_payload: () => [encodeFrame(frameTypes.SETTINGS, frameFlags.ACK, 0, Buffer.alloc(6))],
  settings_ack_unasked: () => [encodeSettingsAck()],
  settings_on_stream: (id) => [encodeFrame(frameTypes.SETTINGS, 0, id)],
  enable_push: () => [encodeSettings([[settings.ENABLE_PUSH, 1]])],
  initial_window_overflow: () => [encodeSettings([[settings.INITIAL_WINDOW_SIZE, 0xffff_ffff]])],
  max_frame_size_small: () => [encodeSettings([[settings.MAX_FRAME_SIZE, 16_383]])],
  ping_length: () => [encodePing(Buffer.alloc(7))],
  ping_on_stream: (id) => [encodeFrame(frameTypes.PING, 0, id, Buffer.alloc(8))],
  goaway_length: () => [encodeFrame(frameTypes.GOAWAY, 0, 0, Buffer.alloc(7))],
  window_update_0: () => [encodeWindowUpdate(0, 0)],
  window_update_0_stream: (id) => [encodeWindowUpdate(id, 0)],
  window_update_overflow: () => [encodeWindowUpdate(0, widest)],
  window_update_idle: (id) => [encodeWindowUpdate(id + 1000, 1)],
  rst_idle: (id) => [encodeRstStream(id + 1000, 8)],
  data_on_stream_0: () => [encodeData(0, 'x')],
  data_idle: (id) => [encodeData(id + 1000, 'x')],
  data_padding: (id) => [
    encodeHeaders(id, status200),
    encodeFrame(frameTypes.DATA, frameFlags.PADDED, id, Buffer.of(200, 1, 2)),
  ],
  data_after_end: (id) => [encodeHeaders(id, status200, { endStream: true }), encodeData(id, 'late')],
  headers_idle: (id) => [encodeHeaders(id + 1000, status200)],
  headers_after_end: (id) => [
    encodeHeaders(id, status200, { endStream: true }),
    encodeHeaders(id, status200, { endStream: true }),
  ],
  continuation_alone: (id) => [encodeContinuation(id, status200)],
  headers_interleaved: (id) => [encodeHeaders(id, status200, { endHeaders: false }), encodePing()],
};

export const h2SrvIllegalFrame = h2Fault({
  id: 'h2-srv-illegal-frame',
  layer: 'h2',
  summary: 'Sends one chosen frame that the protocol forbids, in place of the answer or behind it.',
  peerMustSee: 'The error RFC 9113 names for that frame.',
  spec: 'RFC 9113 5.1, 6',
  params: Type.Object(
    {
      frame: Type.Enum(Object.keys(frames), { default: 'ping_length', description: 'which frame' }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    answer.fired(params.frame);
    peer.send(Buffer.concat(frames[params.frame]!(request.id)));
    peer.finished(request.id);
  },
});
