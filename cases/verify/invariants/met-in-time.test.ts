import { expect, test } from 'vitest';
import type { ConnectionView } from '../case-view.ts';
import { carried } from './carried.ts';
import { h2Preface } from './h2-preface.ts';
import { metInTime } from './met-in-time.ts';

/** A proxy that gave up at 10.25 s and counted no byte of a server that wrote 30. */
const view = (metAt: number, cause = 'timeout', local_reply?: boolean) =>
  ({
    connId: 'c',
    close: {
      kind: 'conn',
      event: 'close',
      seq: 1,
      closed_by: 'proxy',
      cause,
      term: 'sH',
      ts: 10.25,
      bytes_out: 0,
    },
    seen: {
      proxy: [{ ts: metAt, raw_hex: '' }],
      close: [{ by: 'peer', peer_end: 'rst', bytes_in: 0, bytes_out: 30 }],
    },
    events: local_reply === undefined ? [] : [{ local_reply, response: { status: null } }],
    client: { sockets: ['a'], result: null, spec: {} },
    h2ctl: [
      { kind: 'h2ctl', h2_event: 'SETTINGS', direction: 'downstream', seq: 2, details: { changed: [] } },
      { kind: 'h2ctl', h2_event: 'SETTINGS', direction: 'upstream', seq: 3, details: { changed: [] } },
    ],
  }) as unknown as ConnectionView;

const judged = (connection: ConnectionView) => {
  const evidence = { listener: { config: { tls: {}, upstream: { tls: false } } } };
  return carried.check({ connections: [connection], evidence } as never).map(({ path }) => path);
};

test('a server that met the connection well before the limit was heard', () => {
  expect(metInTime(view(10.05))).toBe(true);
  expect(judged(view(10.05))).toEqual(['conn close seq 1: bytes_out']);
});

test('one that came to it about the limit, or behind it, may not have been', () => {
  for (const metAt of [10.2, 10.3]) {
    expect(metInTime(view(metAt))).toBe(false);
    expect(judged(view(metAt))).toEqual([]);
  }
});

test('an acknowledgement is owed by who was there before the limit, and by the proxy that answered for nobody', () => {
  const owed = (connection: ConnectionView) =>
    h2Preface
      .check({ connections: [connection], instance: { upstream: { kind: 'http' } } } as never)
      .some(({ path }) => path === 'c: h2ctl SETTINGS_ACK from upstream');
  expect(owed(view(10.05))).toBe(true);
  for (const cause of ['timeout', 'idle_timeout', 'flow_control_stall']) {
    expect(owed(view(10.2, cause, false))).toBe(false);
    expect(owed(view(10.2, cause, true))).toBe(true);
  }
  for (const cause of ['verify_hostname', 'alpn_mismatch', 'shutdown', 'h2_protocol_error:PROTOCOL_ERROR'])
    expect(owed(view(10.2, cause))).toBe(true);
});

test('one that never met it, and a connection that is still open, are not late', () => {
  expect(metInTime({ ...view(10.3), seen: { proxy: [] } } as never)).toBe(true);
  expect(metInTime({ ...view(10.3), close: null })).toBe(true);
});
