import { expect, test } from 'vitest';
import { clientPreface } from '../../../protos/h2/constants.ts';
import {
  encodeGoaway,
  encodeHeaders,
  encodePing,
  encodePriority,
  encodePushPromise,
  encodeSettings,
  encodeSettingsAck,
  encodeWindowUpdate,
} from '../../../protos/h2/frames.ts';
import { ask, block, opened, type Pair, request } from './raw-frames.fixture.ts';
import { recordingTap } from './recording.fixture.ts';

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

test('a HPACK table may grow as soon as the receiver says so, and must not after it has taken that back', () => {
  const { client, server, tap } = opened();
  const grow = (streamId: number) =>
    encodeHeaders(streamId, Buffer.from('3fe13f88', 'hex'), { endStream: true });
  client(encodeSettings([[1, 8192]]), ask(1), ask(3), ask(5));
  server(grow(1), encodeSettingsAck());
  client(encodeSettings([[1, 4096]]));
  server(grow(3));
  expect(tap.state()).toMatchObject({ completedExchanges: 2, violation: null });
  server(encodeSettingsAck(), grow(5));
  expect(tap.state().violation).toMatchObject({
    by: 'upstream',
    cause: 'h2_protocol_error:COMPRESSION_ERROR',
  });
});
