import { expect, test } from 'vitest';
import type { ConnectionView } from '../case-view.ts';
import { carried } from './carried.ts';
import { metInTime } from './met-in-time.ts';

/** A proxy that gave up at 10.25 s and counted no byte of a server that wrote 30. */
const view = (metAt: number) =>
  ({
    close: { kind: 'conn', event: 'close', seq: 1, closed_by: 'proxy', term: 'sH', ts: 10.25, bytes_out: 0 },
    seen: {
      proxy: [{ ts: metAt, raw_hex: '' }],
      close: [{ by: 'peer', peer_end: 'rst', bytes_in: 0, bytes_out: 30 }],
    },
    events: [],
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

test('one that never met it, and a connection that is still open, are not late', () => {
  expect(metInTime({ ...view(10.3), seen: { proxy: [] } } as never)).toBe(true);
  expect(metInTime({ ...view(10.3), close: null })).toBe(true);
});
