import { expect, test } from 'vitest';
import { clientPreface } from '../../../protos/h2/constants.ts';
import {
  encodeData,
  encodeSettings,
  encodeSettingsAck,
  encodeWindowUpdate,
} from '../../../protos/h2/frames.ts';
import { answer, ask, ok, opened, type Pair, request } from './raw-frames.fixture.ts';
import { recordingTap } from './recording.fixture.ts';

const post: Pair[] = [[':method', 'POST'], ...request.slice(1)];

test('an upload that has used up its window is blocked, recorded once in half a second, until a grant', () => {
  const { client, server, tap, nowMs, rowsOf } = opened();
  client(ask(1, [...post, ['content-length', '70000']], false));
  for (let n = 0; n < 4; n++) client(encodeData(1, Buffer.alloc(n < 3 ? 16384 : 16383)));
  expect(tap.state().flowBlockedBy).toBe('upstream');
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
  expect(tap.state().flowBlockedBy).toBe('upstream');
  server(encodeWindowUpdate(1, 100));
  expect(tap.state().flowBlockedBy).toBeNull();
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
  expect(tap.state().flowBlockedBy).toBe('client');
  expect(rows.filter((row) => row.h2_event === 'FLOW_BLOCK')).toEqual([
    expect.objectContaining({ direction: 'downstream', stream_id: 1, details: { wanted_bytes: null } }),
  ]);
  tap.data('client', encodeWindowUpdate(1, 10));
  expect(tap.state().flowBlockedBy).toBeNull();
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
