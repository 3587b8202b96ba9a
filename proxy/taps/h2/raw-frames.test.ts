import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
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
import { HpackEncoder } from '../../../protos/hpack/encoder.ts';
import type { Ending } from '../tap.ts';
import { recordingTap } from './recording.fixture.ts';

type Pair = [name: string, value: string];

const request: Pair[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'a.test'],
  [':path', '/?tid=t'],
];
const grpcRequest: Pair[] = [
  [':method', 'POST'],
  ...request.slice(1, 3),
  [':path', '/s.S/M'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
];
const ok: Pair[] = [[':status', '200']];
const grpcOk: Pair[] = [...ok, ['content-type', 'application/grpc']];

/** Blocks that touch no table, so that any order of them is right. */
const block = (fields: Pair[]) =>
  new HpackEncoder().encode(fields.map(([name, value]) => ({ name, value, indexing: 'without' as const })));

/** A tap after both sides' opening, fed frame by frame. */
function opened(logging: Parameters<typeof recordingTap>[0] = {}) {
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

const ask = (streamId = 1, fields = request, endStream = true) =>
  encodeHeaders(streamId, block(fields), { endStream });
const answer = (streamId = 1, fields = ok, endStream = true) =>
  encodeHeaders(streamId, block(fields), { endStream });
const ending: Ending = { cause: 'eof_before_headers', error: 'FIN from upstream', timedOut: false };

describe('control rows', () => {
  test('SETTINGS with old and new, after the fingerprint of 1.50, and their acknowledgement', () => {
    const { tap, rows } = recordingTap();
    tap.data(
      'client',
      Buffer.concat([
        clientPreface,
        encodeSettings([
          [1, 4096],
          [2, 1],
          [4, 65535],
          [5, 16384],
          [3, 100],
          [6, 65536],
          [8, 0],
        ]),
        encodeSettings([
          [4, 0],
          [0x1234, 7],
        ]),
      ]),
    );
    tap.data('upstream', Buffer.concat([encodeSettings(), encodeSettingsAck()]));
    expect(
      rows.map(({ direction, h2_event, stream_id, details }) => [direction, h2_event, stream_id, details]),
    ).toEqual([
      [
        'downstream',
        'FINGERPRINT',
        null,
        {
          h2fp: 'h2fp1:936392201afad314',
          profile:
            'enable_connect_protocol=0;enable_push=1;header_table_size=4096;initial_window_size=65535;' +
            'max_concurrent_streams=100;max_frame_size=16384;max_header_list_size=65536',
        },
      ],
      [
        'downstream',
        'SETTINGS',
        null,
        {
          changed: [
            { setting: 'HEADER_TABLE_SIZE', old: 4096, new: 4096 },
            { setting: 'ENABLE_PUSH', old: 1, new: 1 },
            { setting: 'INITIAL_WINDOW_SIZE', old: 65535, new: 65535 },
            { setting: 'MAX_FRAME_SIZE', old: 16384, new: 16384 },
            { setting: 'MAX_CONCURRENT_STREAMS', old: null, new: 100 },
            { setting: 'MAX_HEADER_LIST_SIZE', old: null, new: 65536 },
            { setting: 'ENABLE_CONNECT_PROTOCOL', old: 0, new: 0 },
          ],
        },
      ],
      [
        'downstream',
        'SETTINGS',
        null,
        {
          changed: [
            { setting: 'INITIAL_WINDOW_SIZE', old: 65535, new: 0 },
            { setting: '4660', old: null, new: 7 },
          ],
        },
      ],
      ['upstream', 'FINGERPRINT', null, { h2fp: 'h2fp1:140bedbf9c3f6d56', profile: 'none' }],
      ['upstream', 'SETTINGS', null, { changed: [] }],
      ['upstream', 'SETTINGS_ACK', null, expect.objectContaining({ changed: expect.any(Array) })],
    ]);
  });

  test('the Akamai fingerprint comes once, with the first request, in wire order', () => {
    const { tap, rows } = recordingTap();
    const chrome = [
      [1, 65536],
      [2, 0],
      [4, 6291456],
      [6, 262144],
    ] as [number, number][];
    const order: Pair[] = [request[0]!, request[2]!, request[1]!, request[3]!];
    tap.data(
      'client',
      Buffer.concat([
        clientPreface,
        encodeSettings(chrome),
        encodeWindowUpdate(0, 15663105),
        ask(1, order),
        ask(3),
      ]),
    );
    expect(rows.filter((row) => row.h2_event === 'AKAMAI_FINGERPRINT').map((row) => row.details)).toEqual([
      {
        akamai: '1:65536;2:0;4:6291456;6:262144|15663105|0|m,a,s,p',
        akamai_hash: '52d84b11737d980aef856699f885ca86',
      },
    ]);
  });

  test('PING, PRIORITY, WINDOW_UPDATE, PUSH_PROMISE, GOAWAY', () => {
    const { client, server, rows } = opened();
    client(ask(), encodePing(Buffer.from('0102030405060708', 'hex')));
    client(encodePriority(3, { exclusive: true, dependsOn: 1, weight: 201 }), encodeWindowUpdate(1, 5));
    server(encodePing(Buffer.alloc(8), true), encodePushPromise(1, 2, block(request)), encodeGoaway(1, 0));
    const seen = rows.filter((row) => row.h2_event !== 'AKAMAI_FINGERPRINT');
    expect(seen.map((row) => [row.h2_event, row.stream_id, row.details, row.error_code_name])).toEqual([
      ['PING', null, { opaque_hex: '0102030405060708' }, null],
      ['PRIORITY', 3, { exclusive: true, depends_on: 1, weight: 201 }, null],
      ['WINDOW_UPDATE', 1, { delta: 5 }, null],
      ['PING_ACK', null, { opaque_hex: '0000000000000000' }, null],
      ['PUSH_PROMISE', 1, { promised_stream_id: 2 }, null],
      ['GOAWAY', null, { error_code: 0, last_stream_id: 1, debug_data_b64: null }, 'NO_ERROR'],
    ]);
  });
});

describe('messages', () => {
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
    ['no :status', [answer(1, [['a', 'b']])], ['missing_status']],
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
});

describe('gRPC', () => {
  const message = Buffer.from('0000000003616263', 'hex');
  const cases: [what: string, frames: Buffer[], expected: object][] = [
    [
      'no grpc-status',
      [answer(1, grpcOk, false), encodeData(1, message, { endStream: true })],
      { grpc_status: null, anomalies: ['grpc_status_missing'] },
    ],
    [
      'a status that is no number',
      [answer(1, [...grpcOk, ['grpc-status', 'abc']])],
      { grpc_status: null, trailers_only: true, anomalies: ['grpc_status_invalid'] },
    ],
    [
      'a status out of range',
      [answer(1, [...grpcOk, ['grpc-status', '99']])],
      { grpc_status: 99, anomalies: ['grpc_status_invalid'] },
    ],
    [
      'a broken percent-encoding',
      [answer(1, [...grpcOk, ['grpc-status', '2'], ['grpc-message', 'a%ZZ%20']])],
      { grpc_message: 'a%ZZ ', anomalies: [] },
    ],
    [
      'a bad flag',
      [
        answer(1, grpcOk, false),
        encodeData(1, Buffer.from('0200000000', 'hex')),
        answer(1, [['grpc-status', '0']]),
      ],
      { grpc_response_messages: 1, anomalies: ['grpc_bad_flag'] },
    ],
    [
      'a cut message',
      [
        answer(1, grpcOk, false),
        encodeData(1, Buffer.from('000000006461', 'hex')),
        answer(1, [['grpc-status', '0']]),
      ],
      { grpc_response_messages: 0, anomalies: ['grpc_truncated_message'] },
    ],
    [
      'a compressed message without encoding',
      [
        answer(1, grpcOk, false),
        encodeData(1, Buffer.from('0100000000', 'hex')),
        answer(1, [['grpc-status', '0']]),
      ],
      { anomalies: ['grpc_compressed_without_encoding'] },
    ],
    [
      'HTML',
      [
        answer(1, [...ok, ['content-type', 'text/html']], false),
        encodeData(1, '<html>', { endStream: true }),
      ],
      { grpc_response_messages: 0, anomalies: ['grpc_status_missing', 'grpc_bad_content_type'] },
    ],
  ];
  test.each(cases)('an answer with %s', (_what, frames, expected) => {
    const { client, server, events } = opened();
    client(ask(1, grpcRequest, false), encodeData(1, message, { endStream: true }));
    server(...frames);
    expect(events).toHaveLength(1);
    const { anomalies, ...rest } = events[0]!;
    expect({ ...rest, anomalies: [...anomalies].sort() }).toMatchObject(
      'anomalies' in expected
        ? { ...expected, anomalies: [...(expected.anomalies as string[])].sort() }
        : expected,
    );
    expect(events[0]).toMatchObject({ protocol: 'grpc', grpc_request_messages: 1, error: null });
  });

  test('a message cut by END_STREAM of the client', () => {
    const { client, server, events } = opened();
    client(ask(1, grpcRequest, false), encodeData(1, message.subarray(0, 6), { endStream: true }));
    server(answer(1, [...grpcOk, ['grpc-status', '13']]));
    expect(events[0]).toMatchObject({
      grpc_request_messages: 0,
      grpc_status: 13,
      anomalies: ['grpc_truncated_message'],
    });
  });

  test('early trailers and then RST_STREAM NO_ERROR are a success', () => {
    const { client, server, events, tap } = opened();
    client(ask(1, grpcRequest, false), encodeData(1, message));
    server(answer(1, [...grpcOk, ['grpc-status', '7']]));
    expect(tap.state()).toMatchObject({ openExchanges: 0, phase: 'idle' });
    server(encodeRstStream(1, 0));
    expect(events[0]).toMatchObject({
      grpc_status: 7,
      error: null,
      cause: null,
      error_code: 0,
      anomalies: ['request_unfinished'],
    });
  });
});

describe('breaches of the protocol', () => {
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
    expect(verdict?.cause).toBe('h2_protocol_error:PROTOCOL_ERROR');
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
});

describe('flow control', () => {
  const post: Pair[] = [[':method', 'POST'], ...request.slice(1)];

  test('an upload that has used up its window is blocked, recorded once in half a second, until a grant', () => {
    const { client, server, tap, nowMs, rowsOf } = opened();
    client(ask(1, [...post, ['content-length', '70000']], false));
    for (let n = 0; n < 4; n++) client(encodeData(1, Buffer.alloc(n < 3 ? 16384 : 16383)));
    expect(tap.state().flowBlocked).toBe(true);
    expect(rowsOf('FLOW_BLOCK')).toEqual([
      {
        direction: 'upstream',
        h2_event: 'FLOW_BLOCK',
        stream_id: 1,
        details: { wanted_bytes: 70000 - 65535 },
        error_code_name: null,
      },
    ]);
    server(encodeWindowUpdate(0, 10_000));
    expect(tap.state().flowBlocked).toBe(true);
    server(encodeWindowUpdate(1, 100));
    expect(tap.state().flowBlocked).toBe(false);
    client(encodeData(1, Buffer.alloc(100)));
    expect(rowsOf('FLOW_BLOCK')).toHaveLength(1);
    server(encodeWindowUpdate(1, 100));
    nowMs.value += 500;
    client(encodeData(1, Buffer.alloc(100)));
    expect(rowsOf('FLOW_BLOCK')).toHaveLength(2);
    expect(tap.state().violation).toBeNull();
  });

  test('a client with an initial window of 0 blocks the response', () => {
    const { tap, rows } = recordingTap();
    tap.data('client', Buffer.concat([clientPreface, encodeSettings([[4, 0]]), ask()]));
    tap.data('upstream', Buffer.concat([encodeSettings(), encodeSettingsAck(), answer(1, ok, false)]));
    expect(tap.state().flowBlocked).toBe(true);
    expect(rows.filter((row) => row.h2_event === 'FLOW_BLOCK')).toEqual([
      expect.objectContaining({ direction: 'downstream', stream_id: 1, details: { wanted_bytes: null } }),
    ]);
    tap.data('client', encodeWindowUpdate(1, 10));
    expect(tap.state().flowBlocked).toBe(false);
  });

  test('a smaller initial window binds from its acknowledgement on, a larger one at once', () => {
    const { client, server, tap } = opened();
    client(encodeSettings([[4, 10]]), ask());
    server(answer(1, ok, false), encodeData(1, Buffer.alloc(1000)));
    expect(tap.state().violation).toBeNull();
    server(encodeSettingsAck(), encodeData(1, Buffer.alloc(1)));
    expect(tap.state().violation).toMatchObject({
      by: 'upstream',
      cause: 'h2_protocol_error:FLOW_CONTROL_ERROR',
    });
  });

  test('more DATA than the window is the breach of the sender', () => {
    const { client, server, tap, events } = opened();
    client(ask());
    server(answer(1, ok, false));
    for (let n = 0; n < 5; n++) server(encodeData(1, Buffer.alloc(16000), { endStream: n === 4 }));
    expect(tap.state().violation).toMatchObject({
      by: 'upstream',
      cause: 'h2_protocol_error:FLOW_CONTROL_ERROR',
    });
    expect(events[0]).toMatchObject({ anomalies: ['window_overrun'], error: null, bytes_out: 80_000 });
  });
});

describe('the end of the connection', () => {
  type End = [
    what: string,
    run: (t: ReturnType<typeof opened>) => void,
    by: 'client' | 'upstream',
    how: 'fin' | 'rst',
    cause: string | null,
  ];
  const ends: End[] = [
    ['nothing asked', () => {}, 'client', 'fin', null],
    [
      'everything answered',
      (t) => {
        t.client(ask());
        t.server(answer());
      },
      'upstream',
      'rst',
      null,
    ],
    ['no answer, upstream FIN', (t) => t.client(ask()), 'upstream', 'fin', 'eof_before_headers'],
    ['no answer, upstream RST', (t) => t.client(ask()), 'upstream', 'rst', 'reset'],
    [
      'half an answer, upstream FIN',
      (t) => {
        t.client(ask());
        t.server(answer(1, ok, false));
      },
      'upstream',
      'fin',
      'truncated',
    ],
    [
      'half an answer, upstream RST',
      (t) => {
        t.client(ask());
        t.server(answer(1, ok, false));
      },
      'upstream',
      'rst',
      'reset',
    ],
    ['half a request, client FIN', (t) => t.client(ask(1, request, false)), 'client', 'fin', 'eof'],
    ['half a request, client RST', (t) => t.client(ask(1, request, false)), 'client', 'rst', 'reset'],
    ['no answer, client FIN', (t) => t.client(ask()), 'client', 'fin', 'client_gone'],
    [
      'half an answer, client RST',
      (t) => {
        t.client(ask());
        t.server(answer(1, ok, false));
      },
      'client',
      'rst',
      'client_gone',
    ],
    [
      'GOAWAY 11, upstream FIN',
      (t) => {
        t.client(ask());
        t.server(encodeGoaway(0, 11));
      },
      'upstream',
      'fin',
      'h2_goaway:ENHANCE_YOUR_CALM',
    ],
    [
      'GOAWAY 11 and everything answered',
      (t) => {
        t.client(ask());
        t.server(answer(), encodeGoaway(1, 11));
      },
      'upstream',
      'fin',
      null,
    ],
    [
      'GOAWAY 0 that refuses the stream',
      (t) => {
        t.client(ask());
        t.server(encodeGoaway(0, 0));
      },
      'upstream',
      'fin',
      'h2_goaway:NO_ERROR',
    ],
    [
      'GOAWAY 0 that keeps the stream',
      (t) => {
        t.client(ask());
        t.server(encodeGoaway(1, 0));
      },
      'upstream',
      'fin',
      'eof_before_headers',
    ],
  ];
  test.each(ends)('%s', (_what, run, by, how, cause) => {
    const t = opened();
    run(t);
    expect(t.tap.causeOf(by, how)?.cause ?? null).toBe(cause);
  });

  test('each open stream has an event with its own cause and the bytes so far; closing again adds nothing', () => {
    const { client, server, tap, events, nowMs } = opened();
    client(ask(1), ask(3), ask(5, grpcRequest, false), ask(7));
    server(answer(1, ok, false), encodeData(1, 'abc'), answer(7));
    nowMs.value += 250;
    tap.close(ending);
    tap.close(ending);
    expect(
      events.map((event) => [
        event.request.stream_id,
        event.cause,
        event.error,
        event.bytes_out,
        event.duration_ms,
      ]),
    ).toEqual([
      [7, null, null, 0, 0],
      [1, 'truncated', 'FIN from upstream', 3, 250],
      [3, 'eof_before_headers', 'FIN from upstream', 0, 250],
      [5, 'eof_before_headers', 'FIN from upstream', 0, 250],
    ]);
  });

  test('phases follow the oldest stream that waits', () => {
    const { client, server, tap } = opened();
    expect(tap.state().phase).toBe('idle');
    client(ask(1, request, false));
    expect(tap.state().phase).toBe('request');
    client(encodeData(1, 'x', { endStream: true }), ask(3));
    expect(tap.state()).toMatchObject({ phase: 'waiting', openExchanges: 2 });
    server(answer(1, ok, false));
    expect(tap.state().phase).toBe('response');
    server(encodeData(1, '', { endStream: true }));
    expect(tap.state()).toMatchObject({ phase: 'waiting', openExchanges: 1, completedExchanges: 1 });
  });
});

describe('hostile peers', () => {
  test('a rapid reset leaves an event each and nothing behind', () => {
    const { client, server, events, tap } = opened({ h2ControlEvents: false });
    for (let n = 0; n < 3000; n++) client(ask(n * 2 + 1), encodeRstStream(n * 2 + 1, 8));
    expect(events).toHaveLength(3000);
    expect(events.every((event) => event.cause === 'h2_rst:CANCEL')).toBe(true);
    server(answer(5999), encodeData(5999, 'late'));
    expect(tap.state()).toMatchObject({ openExchanges: 0, violation: null });
  });

  test('streams beyond the limit are relayed uncounted', () => {
    const { client, tap } = opened({ h2ControlEvents: false });
    for (let n = 0; n < 10_050; n++) client(ask(n * 2 + 1));
    expect(tap.state().openExchanges).toBe(10_000);
    client(encodeRstStream(20_099, 8), encodeData(20_099, 'x'));
    expect(tap.state().violation).toBeNull();
  });

  test('an endless header block ends the decoding of its side', () => {
    const { client, tap } = opened();
    client(encodeHeaders(1, Buffer.alloc(16000), { endHeaders: false }));
    for (let n = 0; n < 80; n++) client(encodeContinuation(1, Buffer.alloc(16000), false));
    expect(tap.state().violation).toMatchObject({ cause: 'h2_protocol_error:ENHANCE_YOUR_CALM' });
  });

  test('a header bomb is cut in the event', () => {
    const { client, server, events } = opened();
    const big = new HpackEncoder({ huffman: false }).encode([...request, ['big', 'x'.repeat(3000)]]);
    client(encodeHeaders(1, Buffer.concat([big, Buffer.alloc(12_000, 0xbe)]), { endStream: true }));
    server(encodeRstStream(1, 1));
    expect(events[0]!.anomalies).toContain('headers_cut');
    expect(events[0]!.request.raw_headers.length).toBeLessThan(30);
    expect(events[0]!.request.path).toBe('/?tid=t');
  });

  test('a flood of breaches leaves a bounded number of rows', () => {
    const { client, rowsOf } = opened();
    for (let n = 0; n < 1000; n++) client(encodeWindowUpdate(0, 0));
    expect(rowsOf('DECODE_ERROR')).toHaveLength(16);
  });

  const side = fc.constantFrom('client' as const, 'upstream' as const);
  const frame = fc
    .tuple(
      fc.integer({ min: 0, max: 11 }),
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 0, max: 6 }),
      fc.uint8Array({ maxLength: 40 }),
    )
    .map(([type, flags, streamId, payload]) => encodeFrame(type, flags, streamId, payload));
  const bytes = fc.oneof(
    frame,
    fc.uint8Array({ maxLength: 60 }).map((raw) => Buffer.from(raw)),
    fc.constantFrom(ask(1, grpcRequest, false), ask(3), answer(1, grpcOk, false)),
  );

  test('random frames and bytes never throw, and every event has its place', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(side, bytes), { maxLength: 40 }), (script) => {
        const { tap, events } = opened({ logBody: true });
        for (const [from, chunk] of script) tap.data(from, chunk);
        tap.state();
        tap.causeOf('upstream', 'fin');
        tap.close(ending);
        const streams = events.map((event) => event.request.stream_id);
        expect(new Set(streams).size).toBe(streams.length);
        expect(tap.state().openExchanges).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
