import { clientPreface } from '../../../protos/h2/constants.ts';
import { encodeHeaders, encodeSettings, encodeSettingsAck } from '../../../protos/h2/frames.ts';
import { HpackEncoder } from '../../../protos/hpack/encoder.ts';
import type { Ending } from '../tap.ts';
import { recordingTap } from './recording.fixture.ts';

export type Pair = [name: string, value: string];

export const request: Pair[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'a.test'],
  [':path', '/?tid=t'],
];
export const grpcRequest: Pair[] = [
  [':method', 'POST'],
  ...request.slice(1, 3),
  [':path', '/s.S/M'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
];
export const ok: Pair[] = [[':status', '200']];
export const grpcOk: Pair[] = [...ok, ['content-type', 'application/grpc']];

/** Blocks that touch no table, so that any order of them is right. */
export const block = (fields: Pair[]) =>
  new HpackEncoder().encode(fields.map(([name, value]) => ({ name, value, indexing: 'without' as const })));

/** A tap after both sides' opening, fed frame by frame. */
export function opened(logging: Parameters<typeof recordingTap>[0] = {}) {
  const recording = recordingTap(logging);
  const { tap, rows, events } = recording;
  tap.data('client', Buffer.concat([clientPreface, encodeSettings()]));
  tap.data('upstream', Buffer.concat([encodeSettings(), encodeSettingsAck()]));
  tap.data('client', encodeSettingsAck());
  rows.length = 0;
  return {
    ...recording,
    events,
    client: (...frames: Buffer[]) => tap.data('client', Buffer.concat(frames)),
    server: (...frames: Buffer[]) => tap.data('upstream', Buffer.concat(frames)),
    rowsOf: (event: string) => rows.filter((row) => row.h2_event === event),
  };
}

export const ask = (streamId = 1, fields = request, endStream = true) =>
  encodeHeaders(streamId, block(fields), { endStream });
export const answer = (streamId = 1, fields = ok, endStream = true) =>
  encodeHeaders(streamId, block(fields), { endStream });
export const ending: Ending = { cause: 'eof_before_headers', error: 'FIN from upstream', timedOut: false };
