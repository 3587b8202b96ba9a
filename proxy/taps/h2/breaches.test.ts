import { expect, test } from 'vitest';
import { clientPreface } from '../../../protos/h2/constants.ts';
import {
  encodeContinuation,
  encodeData,
  encodeFrame,
  encodeGoaway,
  encodeHeaders,
  encodePing,
  encodePriority,
  encodePushPromise,
  encodeRstStream,
  encodeSettings,
  encodeSettingsAck,
  encodeWindowUpdate,
} from '../../../protos/h2/frames.ts';
import { answer, ask, block, opened, type Pair, request } from './raw-frames.fixture.ts';
import { recordingTap } from './recording.fixture.ts';

type Script = [what: string, frames: Buffer[], cause: string];
const open = ask(1, request, false);
const headersWith = (hex: string) => encodeHeaders(1, Buffer.from(hex, 'hex'), { endStream: true });
const scripts: Script[] = [
  ['a frame too big', [open, encodeData(1, Buffer.alloc(16385))], 'FRAME_SIZE_ERROR'],
  ['SETTINGS ACK with a payload', [encodeFrame(4, 1, 0, Buffer.alloc(6))], 'FRAME_SIZE_ERROR'],
  ['SETTINGS of 5 bytes', [encodeFrame(4, 0, 0, Buffer.alloc(5))], 'FRAME_SIZE_ERROR'],
  ['SETTINGS on a stream', [encodeFrame(4, 0, 1)], 'PROTOCOL_ERROR'],
  ['ENABLE_PUSH 2', [encodeSettings([[2, 2]])], 'PROTOCOL_ERROR'],
  ['INITIAL_WINDOW_SIZE over 2^31-1', [encodeSettings([[4, 0xffffffff]])], 'FLOW_CONTROL_ERROR'],
  ['MAX_FRAME_SIZE below 16384', [encodeSettings([[5, 100]])], 'PROTOCOL_ERROR'],
  ['PING of 7 bytes', [encodePing(Buffer.alloc(7))], 'FRAME_SIZE_ERROR'],
  ['PING on a stream', [encodeFrame(6, 0, 1, Buffer.alloc(8))], 'PROTOCOL_ERROR'],
  ['WINDOW_UPDATE by 0', [encodeWindowUpdate(0, 0)], 'PROTOCOL_ERROR'],
  ['a connection window overflow', [encodeWindowUpdate(0, 0x7fffffff)], 'FLOW_CONTROL_ERROR'],
  ['a stream window overflow', [open, encodeWindowUpdate(1, 0x7fffffff)], 'FLOW_CONTROL_ERROR'],
  ['PRIORITY of 4 bytes', [encodeFrame(2, 0, 1, Buffer.alloc(4))], 'FRAME_SIZE_ERROR'],
  [
    'PRIORITY on itself',
    [encodePriority(1, { exclusive: false, dependsOn: 1, weight: 1 })],
    'PROTOCOL_ERROR',
  ],
  ['DATA on an idle stream', [encodeData(1, 'x')], 'PROTOCOL_ERROR'],
  ['DATA on stream 0', [encodeData(0, 'x')], 'PROTOCOL_ERROR'],
  ['RST_STREAM on an idle stream', [encodeRstStream(1, 8)], 'PROTOCOL_ERROR'],
  ['DATA after END_STREAM', [ask(), encodeData(1, 'x')], 'STREAM_CLOSED'],
  ['HEADERS after END_STREAM', [ask(), ask()], 'STREAM_CLOSED'],
  ['an even stream', [ask(2)], 'PROTOCOL_ERROR'],
  ['a stream number that falls', [ask(5), ask(3)], 'STREAM_CLOSED'],
  ['CONTINUATION without HEADERS', [encodeContinuation(1, block(request))], 'PROTOCOL_ERROR'],
  [
    'a frame inside a header block',
    [encodeHeaders(1, block(request), { endHeaders: false }), encodePing()],
    'PROTOCOL_ERROR',
  ],
  ['PUSH_PROMISE from the client', [encodePushPromise(1, 2, block(request))], 'PROTOCOL_ERROR'],
  ['DATA with too much padding', [open, encodeFrame(0, 8, 1, Buffer.of(200, 1, 2))], 'PROTOCOL_ERROR'],
  ['HEADERS with too much padding', [encodeFrame(1, 0xc, 1, Buffer.of(200, 1, 2))], 'PROTOCOL_ERROR'],
  ['an HPACK index that does not exist', [headersWith('ffffff0f')], 'COMPRESSION_ERROR'],
  ['an HPACK table beyond the limit', [headersWith('3fe21f')], 'COMPRESSION_ERROR'],
  ['GOAWAY of 7 bytes', [encodeFrame(7, 0, 0, Buffer.alloc(7))], 'FRAME_SIZE_ERROR'],
  ['a second SETTINGS ACK', [encodeSettingsAck()], 'PROTOCOL_ERROR'],
];
test.each(scripts)('%s', (_what, frames, code) => {
  const { client, tap, rowsOf } = opened();
  client(...frames);
  expect(tap.state().violation).toMatchObject({ by: 'client', cause: `h2_protocol_error:${code}` });
  expect(rowsOf('DECODE_ERROR')[0]).toMatchObject({
    direction: 'downstream',
    details: { error_code_name: code },
  });
});

test('DATA before HEADERS is a breach of the upstream and no part of the response', () => {
  const { client, server, events, tap } = opened();
  client(ask());
  server(encodeData(1, 'early'));
  expect(tap.state().violation).toMatchObject({ by: 'upstream', cause: 'h2_protocol_error:PROTOCOL_ERROR' });
  server(answer(1));
  expect(events[0]).toMatchObject({ bytes_out: 0, anomalies: ['data_before_headers'] });
});

test('a response without :status, or of a block that cannot be read, is no answer', () => {
  const { client, server, events, tap } = opened();
  client(ask(1), ask(3));
  server(answer(1, [['content-type', 'text/plain']]));
  expect(events[0]).toMatchObject({
    anomalies: ['missing_status'],
    cause: 'h2_protocol_error:PROTOCOL_ERROR',
    error: 'upstream broke HTTP/2: a response without a valid :status',
  });
  server(encodeHeaders(3, Buffer.from('ffffff0f', 'hex'), { endStream: true }));
  expect(tap.state()).toMatchObject({ openExchanges: 1, violation: { by: 'upstream' } });
});

test('101 does not exist in HTTP/2', () => {
  const { client, server, events } = opened();
  client(ask(1));
  server(answer(1, [[':status', '101']], false), answer(1));
  expect(events[0]).toMatchObject({ informational: [101], anomalies: ['bad_status'], error: null });
});

test('DATA after END_STREAM is no part of the request', () => {
  const { client, server, events } = opened();
  client(ask(), encodeData(1, 'late', { endStream: true }));
  server(answer(1));
  expect(events[0]).toMatchObject({ bytes_in: 0, anomalies: ['data_after_end'], error: null });
});

test('the offset of a breach is that of its frame', () => {
  const { client, rowsOf } = opened();
  const good = encodePing();
  client(good, encodePing(Buffer.alloc(7)));
  // The preface, SETTINGS and its ACK came before.
  expect(rowsOf('DECODE_ERROR')[0]!.details.offset).toBe(24 + 9 + 9 + good.length);
});

test('a preface that is not HTTP/2', () => {
  const { tap, rows } = recordingTap();
  tap.data('client', Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  expect(tap.state().violation).toMatchObject({ by: 'client', cause: 'h2_protocol_error:PROTOCOL_ERROR' });
  expect(rows.map((row) => row.h2_event)).toEqual(['DECODE_ERROR']);
});

test('a server that answers HTTP/1.1', () => {
  const { tap, events } = recordingTap();
  tap.data('client', Buffer.concat([clientPreface, encodeSettings(), ask()]));
  tap.data('upstream', Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'));
  const verdict = tap.causeOf('client', 'fin');
  expect(verdict).toEqual({
    cause: 'h2_protocol_error:PROTOCOL_ERROR',
    error:
      'upstream broke HTTP/2: the first bytes are "HTTP/1.1 ", not SETTINGS; then FIN from client with 1 stream open',
  });
  tap.close({ ...verdict!, timedOut: false });
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({ cause: 'h2_protocol_error:PROTOCOL_ERROR', tid: 't' });
});

test('a header block that HPACK cannot read still leaves an event', () => {
  const { client, server, tap, events } = opened();
  client(headersWith('82ffffff0f'));
  server(encodeGoaway(1, 9));
  const verdict = tap.causeOf('upstream', 'fin')!;
  expect(verdict.cause).toBe('h2_goaway:COMPRESSION_ERROR');
  tap.close({ ...verdict, timedOut: false });
  expect(events[0]).toMatchObject({
    request: { method: 'GET', raw_headers: [[':method', 'GET']] },
    anomalies: ['hpack_error'],
    cause: 'h2_goaway:COMPRESSION_ERROR',
    error_code_name: 'COMPRESSION_ERROR',
  });
});

test('once a side cannot be decoded, its silence is not held against the other', () => {
  const { client, server, tap, rowsOf } = opened();
  client(headersWith('80'), ask(3));
  server(answer(3), encodeData(3, Buffer.alloc(16385)));
  expect(tap.state().violation).toMatchObject({ by: 'client' });
  expect(rowsOf('DECODE_ERROR').map((row) => row.direction)).toEqual(['downstream']);
});

test('a breach that the peers let pass is not the reason of what comes later', () => {
  const { client, server, tap, rowsOf } = opened();
  client(ask(1), encodeWindowUpdate(0, 0));
  server(answer(1));
  expect(tap.state().violation, 'answered, but asked before it').not.toBeNull();
  client(ask(3), ask(5));
  server(answer(3));
  expect(tap.state().violation).toBeNull();
  expect(tap.causeOf('upstream', 'fin')).toMatchObject({ cause: 'eof_before_headers' });
  expect(rowsOf('DECODE_ERROR')).toHaveLength(1);
});

test.each([1, 1000])(
  'it is let pass by an answer to what stands behind it, in pieces of %i bytes too',
  (size) => {
    const { client, server, tap } = opened();
    // Frames are read in their order (RFC 9113 section 5.4.1): who answers the later one has had the earlier one.
    const bytes = Buffer.concat([encodeWindowUpdate(0, 0), ask(1)]);
    for (let at = 0; at < bytes.length; at += size) client(bytes.subarray(at, at + size));
    expect(tap.state().violation).not.toBeNull();
    server(answer(1));
    expect(tap.state().violation).toBeNull();
  },
);

test('a breach on a stream that was answered whole nevertheless was no reason for anything', () => {
  const { client, server, tap, events } = opened();
  client(open, encodePriority(1, { exclusive: false, dependsOn: 1, weight: 1 }));
  expect(tap.state().violation).not.toBeNull();
  client(encodeData(1, '', { endStream: true }));
  server(answer(1));
  expect(tap.state().violation).toBeNull();
  expect(tap.causeOf('client', 'fin')).toBeNull();
  expect(events[0]).toMatchObject({ anomalies: ['self_dependency'], error: null });
});

test('a breach of the upstream is let pass by a client that has its answers and names no error', () => {
  const { client, server, tap } = opened();
  client(ask());
  server(encodeWindowUpdate(1, 0), answer(1));
  expect(tap.causeOf('client', 'fin')).toMatchObject({ cause: 'h2_protocol_error:PROTOCOL_ERROR' });
  client(encodeGoaway(0, 0));
  expect(tap.causeOf('client', 'fin')).toBeNull();
});

test('a breach of the upstream stands where the client names an error, or still waits', () => {
  const named = opened();
  named.client(ask());
  named.server(encodeWindowUpdate(1, 0), answer(1));
  named.client(encodeGoaway(0, 1), encodeGoaway(0, 0));
  expect(named.tap.state().violation).toMatchObject({ by: 'upstream' });
  const waits = opened();
  waits.client(ask());
  waits.server(encodeWindowUpdate(1, 0));
  waits.client(encodeGoaway(0, 0));
  expect(waits.tap.state().violation).toMatchObject({ by: 'upstream' });
});

test('a breach after one that was let pass stands', () => {
  const { client, server, tap } = opened();
  client(open, encodePriority(1, { exclusive: false, dependsOn: 1, weight: 1 }));
  client(encodeData(1, '', { endStream: true }));
  server(answer(1));
  client(encodePing(Buffer.alloc(7)));
  expect(tap.state().violation).toMatchObject({ cause: 'h2_protocol_error:FRAME_SIZE_ERROR' });
});

test('a breach on a stream is still the reason where that stream was reset', () => {
  const { client, server, tap } = opened();
  client(open, encodeWindowUpdate(1, 0));
  server(encodeRstStream(1, 1));
  expect(tap.state().violation).toMatchObject({ by: 'client' });
});

test('extended CONNECT is odd until the server allows it', () => {
  const connect = (): Pair[] => [
    [':method', 'CONNECT'],
    [':protocol', 'websocket'],
    [':scheme', 'https'],
    [':path', '/'],
  ];
  const { client, server, events } = opened();
  client(ask(1, connect()));
  server(answer(1), encodeSettings([[8, 1]]));
  client(ask(3, connect()));
  server(answer(3));
  expect(events.map(({ anomalies }) => anomalies)).toEqual([['unknown_pseudo'], []]);
});
