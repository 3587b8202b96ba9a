import { describe, expect, test } from 'vitest';
import type { ServerObservation } from '../../protos/control/fault-server.ts';
import type { ConnectionRecord } from './evidence.ts';
import { Ledger } from './ledger.ts';

const record = (connId: string, peerPort: number, rest: object = {}): ConnectionRecord =>
  ({
    kind: 'conn',
    event: 'open',
    conn_id: connId,
    peer_ip: '127.16.0.1',
    peer_port: peerPort,
    upstream_local: null,
    listener: 'l',
    ...rest,
  }) as ConnectionRecord;
const observation = (conn: number, remote: string, word: string) =>
  ({ endpoint: 'l', conn, remote, ts: 0, observation: word }) as ServerObservation;

test('a connection is owned whether its socket or its record comes first', () => {
  const ledger = new Ledger(() => undefined);
  ledger.record({ record: record('c1', 1), line: 1 });
  expect(ledger.ownerOf('c1')).toBe(null);
  ledger.socket('a', 'client', '127.16.0.1:1');
  ledger.socket('b', 'client', '127.16.0.1:2');
  ledger.record({ record: record('c2', 2, { peer_ip: '::ffff:127.16.0.1' }), line: 2 });
  expect([ledger.ownerOf('c1'), ledger.ownerOf('c2')]).toEqual(['a', 'b']);
});

test('a case is settled when the proxy and the server have told the end', () => {
  const ledger = new Ledger(() => undefined);
  const missing = () => ledger.missing('a', true);
  ledger.socket('a', 'client', '127.16.0.1:1');
  expect(missing()).toEqual(['the proxy wrote no record of the connection from 127.16.0.1:1']);
  ledger.record({ record: record('c1', 1), line: 1 });
  expect(missing()).toEqual(['the connection from 127.16.0.1:1 has no close record']);
  ledger.record({ record: record('c1', 1, { event: 'close', upstream_local: '127.0.0.1:9' }), line: 2 });
  expect(missing()).toEqual(['the server saw no connection from 127.0.0.1:9, which is upstream_local']);
  ledger.observation(observation(1, '127.0.0.1:9', 'open'));
  expect(missing()).toEqual(["the server's connection from 127.0.0.1:9 is not closed"]);
  ledger.observation(observation(1, '127.0.0.1:9', 'close'));
  expect(missing()).toEqual([]);
  expect(ledger.orphans()).toEqual([]);
});

test('a port used again belongs to the connections in their order', () => {
  const ledger = new Ledger(() => undefined);
  for (const [index, owner] of ['a', 'b'].entries()) {
    ledger.socket(owner, 'client', '127.16.0.1:1');
    ledger.record({
      record: record(`c${index}`, 1, { event: 'close', upstream_local: '127.0.0.1:9' }),
      line: index,
    });
    ledger.observation(observation(index, '127.0.0.1:9', 'close'));
  }
  expect([ledger.ownerOf('c0'), ledger.ownerOf('c1')]).toEqual(['a', 'b']);
  expect(ledger.serverConnectionsOf('b').map(({ conn }) => conn)).toEqual([1]);
});

describe.each([13, 20])('a port used again, accepted at %i s', (acceptedAt) => {
  const close = { event: 'close', upstream_local: '127.0.0.1:9' };
  /** A client resets at 10 s, what the server may have met without an address; another one has its port afterwards. */
  const told = (metWithoutAddress: boolean, order: 'observation' | 'record') => {
    const ledger = new Ledger(() => undefined);
    const seen = (conn: number, remote: string, ts: number) =>
      ledger.observation({ ...observation(conn, remote, 'close'), ts });
    const steps = {
      observation: () => seen(2, '127.0.0.1:9', acceptedAt),
      record: () => {
        const opened = { event: 'open', ts: acceptedAt - 0.1 };
        ledger.record({ record: record('c2', 2, opened), line: 2 });
        ledger.record({ record: record('c2', 2, { ...close, ts: acceptedAt + 1 }), line: 3 });
      },
    };
    ledger.socket('a', 'client', '127.16.0.1:1');
    ledger.record({ record: record('c1', 1, { ...close, client_end: 'rst', ts: 10 }), line: 1 });
    if (metWithoutAddress) seen(1, ':0', 10.1);
    ledger.socket('b', 'client', '127.16.0.1:2');
    steps[order]();
    steps[order === 'record' ? 'observation' : 'record']();
    if (!metWithoutAddress) seen(1, ':0', acceptedAt + 2);
    const conns = (owner: string) => ledger.serverConnectionsOf(owner).map(({ conn }) => conn);
    return { a: conns('a'), b: conns('b'), orphans: ledger.orphans() };
  };

  test.each(['observation', 'record'] as const)('belongs to the later connection, its %s first', (order) => {
    for (const metWithoutAddress of [true, false])
      expect(told(metWithoutAddress, order)).toEqual({ a: [1], b: [2], orphans: [] });
  });
});

test('a port used again leaves the connection before with what the server accepted before that', () => {
  const ledger = new Ledger(() => undefined);
  const seen = (conn: number, ts: number) =>
    ledger.observation({ ...observation(conn, '127.0.0.1:9', 'close'), ts });
  const close = { event: 'close', upstream_local: '127.0.0.1:9' };
  for (const [owner, port] of [
    ['a', 1],
    ['b', 2],
  ] as const)
    ledger.socket(owner, 'client', `127.16.0.1:${port}`);
  ledger.record({ record: record('c1', 1, { ...close, client_end: 'rst', ts: 10 }), line: 1 });
  seen(1, 10.5);
  ledger.record({ record: record('c2', 2, { event: 'open', ts: 13 }), line: 2 });
  ledger.record({ record: record('c2', 2, { ...close, ts: 14 }), line: 3 });
  expect(ledger.serverConnectionsOf('a').map(({ conn }) => conn)).toEqual([1]);
  seen(2, 13.1);
  expect(ledger.serverConnectionsOf('b').map(({ conn }) => conn)).toEqual([2]);
  expect(ledger.orphans()).toEqual([]);
});

test.each([9, 12])(
  'a connection that was given one without an address gets its own, accepted at %i s',
  (acceptedAt) => {
    const ledger = new Ledger(() => undefined);
    const close = { event: 'close', client_end: 'rst' };
    const seen = (conn: number, remote: string, ts: number) =>
      ledger.observation({ ...observation(conn, remote, 'close'), ts });
    for (const [owner, port] of [
      ['a', 1],
      ['b', 2],
    ] as const)
      ledger.socket(owner, 'client', `127.16.0.1:${port}`);
    ledger.record({ record: record('c1', 1, { ...close, upstream_local: '127.0.0.1:9', ts: 10 }), line: 1 });
    seen(1, ':0', 11);
    ledger.record({ record: record('c2', 2, { ...close, upstream_local: '127.0.0.1:8', ts: 10 }), line: 2 });
    seen(2, '127.0.0.1:9', acceptedAt);
    expect(ledger.serverConnectionsOf('a').map(({ conn }) => conn)).toEqual([2]);
    expect(ledger.serverConnectionsOf('b').map(({ conn }) => conn)).toEqual([1]);
    expect(ledger.orphans()).toEqual([]);
  },
);

test('what nobody owns is named', () => {
  const ledger = new Ledger(() => undefined);
  ledger.record({ record: record('c1', 1), line: 3 });
  ledger.observation(observation(1, '127.0.0.1:9', 'open'));
  expect(ledger.orphans()).toMatchInlineSnapshot(`
    [
      "connection c1 from 127.16.0.1:1 (listener l, line 3) belongs to no case",
      "the server's l saw a connection from 127.0.0.1:9 that no record names",
    ]
  `);
});
