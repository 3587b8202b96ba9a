import { expect, test } from 'vitest';
import { clientPreface, errorCodes, frameTypes } from '../../../protos/h2/constants.ts';
import { FrameReader } from '../../../protos/h2/frame-reader.ts';
import { encodeContinuation, encodeHeaders, encodeSettings } from '../../../protos/h2/frames.ts';
import { HpackDecoder } from '../../../protos/hpack/decoder.ts';
import { HpackEncoder } from '../../../protos/hpack/encoder.ts';
import { H2Responder } from './h2.ts';
import { replyReason } from './reason.ts';

const block = new HpackEncoder().encode([
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/a.B/C'],
  ['content-type', 'application/grpc'],
]);
const opening = Buffer.concat([clientPreface, encodeSettings()]);

test('a header block in many fragments, most of them empty, is one request', () => {
  const responder = new H2Responder(replyReason('connection_refused', false));
  const empty = Buffer.concat(
    Array.from({ length: 20_000 }, () => encodeContinuation(5, Buffer.alloc(0), false)),
  );
  responder.push(opening);
  responder.push(encodeHeaders(5, block.subarray(0, 3), { endHeaders: false, endStream: true }));
  expect(responder.push(empty)).toEqual({ send: null, done: false });
  const { send, done } = responder.push(encodeContinuation(5, block.subarray(3)));
  expect(done).toBe(true);
  const [headers, goaway] = new FrameReader().push(send!);
  expect(headers).toMatchObject({ type: frameTypes.HEADERS, streamId: 5 });
  expect(new HpackDecoder().decode(headers!.payload).fields).toContainEqual(['grpc-status', '14']);
  expect(goaway!.payload.readUInt32BE(0)).toBe(5);
  expect(goaway!.payload.readUInt32BE(4)).toBe(errorCodes.NO_ERROR);
});

test('a header block without an end is answered at its limit', () => {
  const responder = new H2Responder(replyReason('connection_refused', false));
  responder.push(opening);
  responder.push(encodeHeaders(1, block, { endHeaders: false }));
  const piece = encodeContinuation(1, Buffer.alloc(16384), false);
  const answers = [1, 2, 3, 4].map(() => responder.push(piece).done);
  expect(answers).toEqual([false, false, false, true]);
});
