import { expect, test } from 'vitest';
import {
  encodeContinuation,
  encodeData,
  encodeFrame,
  encodeHeaders,
  encodeRstStream,
  encodeSettings,
} from '../../../protos/h2/frames.ts';
import { answer, ask, block, ok, opened, type Pair, request } from './raw-frames.fixture.ts';

test('padding, priority and CONTINUATION change nothing but the flow', () => {
  const { client, server, events } = opened();
  const bytes = block([
    [':status', '200'],
    ['x', 'y'.repeat(50)],
  ]);
  const priority = { exclusive: false, dependsOn: 0, weight: 16 };
  client(encodeHeaders(1, block(request), { endStream: true, padBytes: 9, priority }));
  server(encodeHeaders(1, bytes.subarray(0, 5), { endHeaders: false }));
  server(encodeContinuation(1, bytes.subarray(5, 5), false), encodeContinuation(1, bytes.subarray(5)));
  server(encodeData(1, 'abc', { padBytes: 200 }), encodeData(1, '', { padBytes: 0, endStream: true }));
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({ bytes_out: 3, tid: 't', anomalies: [], error: null });
  expect(events[0]!.response.raw_headers).toEqual([
    [':status', '200'],
    ['x', 'y'.repeat(50)],
  ]);
});

test('unknown frames, flags, settings and the reserved bit are ignored', () => {
  const { client, server, events, tap } = opened();
  client(
    encodeFrame(0xfa, 0xff, 7, Buffer.alloc(300)),
    encodeFrame(1, 0xc5, 1, block(request), { reservedBit: true }),
  );
  server(encodeSettings([[0xfefe, 1]]), answer());
  expect(events).toHaveLength(1);
  expect(tap.state().violation).toBeNull();
});

const oddRequests: [what: string, fields: Pair[], anomalies: string[]][] = [
  ['an upper-case name', [...request, ['X-Y', '1']], ['uppercase_name']],
  ['a connection header', [...request, ['connection', 'close']], ['connection_header']],
  ['te that is not trailers', [...request, ['te', 'gzip']], ['te_not_trailers']],
  ['no :path', request.slice(0, 3), ['missing_path']],
  ['no :method', request.slice(1), ['missing_method']],
  ['an empty :path', [...request.slice(0, 3), [':path', '']], ['empty_path']],
  ['a second :path', [...request, [':path', '/2']], ['duplicate_pseudo']],
  ['an unknown pseudo-header', [...request, [':status', '200']], ['unknown_pseudo']],
  [
    'a pseudo-header after a regular one',
    [...request.slice(1), ['a', 'b'], [':method', 'GET']],
    ['pseudo_after_regular'],
  ],
  ['a value with a line end', [...request, ['a', 'b\r\nc']], ['invalid_value']],
  ['content-length without a body', [...request, ['content-length', '9']], ['content_length_mismatch']],
  ['content-length that is no number', [...request, ['content-length', '-1']], ['bad_content_length']],
];
test.each(oddRequests)(
  '%s is an anomaly of an event, even when the server refuses it',
  (_what, fields, anomalies) => {
    const { client, server, events } = opened();
    client(ask(1, fields));
    server(encodeRstStream(1, 1));
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      anomalies,
      cause: 'h2_rst:PROTOCOL_ERROR',
      error: 'upstream reset: 1',
    });
    expect(events[0]!.request.raw_headers).toEqual(fields);
  },
);

const oddResponses: [what: string, frames: Buffer[], anomalies: string[]][] = [
  [
    'trailers without END_STREAM',
    [answer(1, ok, false), answer(1, [['a', 'b']], false), answer(1, [['c', 'd']])],
    ['trailers_without_end_stream'],
  ],
  ['a pseudo-header in trailers', [answer(1, ok, false), answer(1, ok)], ['pseudo_in_trailers']],
  [
    'less than content-length',
    [answer(1, [...ok, ['content-length', '5']], false), encodeData(1, 'abc', { endStream: true })],
    ['content_length_mismatch'],
  ],
  ['DATA before HEADERS', [encodeData(1, 'abc'), answer()], ['data_before_headers']],
];
test.each(oddResponses)('a response with %s', (_what, frames, anomalies) => {
  const { client, server, events } = opened();
  client(ask());
  server(...frames);
  expect(events.map((event) => [event.anomalies, event.error])).toEqual([[anomalies, null]]);
});
