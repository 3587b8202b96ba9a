import { expect, test } from 'vitest';
import type { ServerObservation } from '../../protos/control/fault-server.ts';
import { DirectLedger } from './direct-ledger.ts';

const seen = (conn: number, remote: string, observation: 'open' | 'close', endpoint = 'direct-1') =>
  ({ observation, endpoint, conn, remote, ts: 0 }) as ServerObservation;

test('a connection belongs to the client that bound its address, also before the client reports it', () => {
  const changed: string[] = [];
  const ledger = new DirectLedger((owner) => changed.push(owner));
  ledger.client('a', 'one', 'direct-1', '127.16.0.1');
  ledger.client('b', 'one', 'direct-1', '127.16.0.2');
  ledger.observation(seen(1, '127.16.0.2:5000', 'open'));
  expect(ledger.missing('a')).toEqual([]);
  expect(ledger.missing('b')).toEqual([
    "without the proxy, the server's connection from 127.16.0.2:5000 is not closed",
  ]);
  ledger.observation(seen(1, '127.16.0.2:5000', 'close'));
  ledger.socket('b', 'one', '127.16.0.2:5000');
  expect(ledger.missing('b')).toEqual([]);
  expect(ledger.connectionsOf('b', 'one').map(({ conn }) => conn)).toEqual([1]);
  expect([ledger.connectionsOf('a', 'one'), ledger.orphans(), changed.includes('a')]).toEqual([
    [],
    [],
    false,
  ]);
});

test('where no address can be bound, the reported socket decides, on its own endpoint', () => {
  const ledger = new DirectLedger(() => undefined);
  ledger.client('a', 'one', 'direct-1', null);
  ledger.client('b', 'one', 'direct-2', null);
  ledger.socket('a', 'one', '127.0.0.1:5000');
  ledger.observation(seen(1, '127.0.0.1:6000', 'open', 'direct-2'));
  ledger.observation(seen(2, '127.0.0.1:5000', 'open', 'direct-2'));
  expect(ledger.missing('a')).toEqual(["without the proxy, the server saw 0 of one's 1 sockets"]);
  expect(ledger.orphans()).toHaveLength(2);
  ledger.observation(seen(3, '::ffff:127.0.0.1:5000', 'open'));
  ledger.socket('b', 'one', '127.0.0.1:6000');
  expect(ledger.connectionsOf('a', 'one').map(({ conn }) => conn)).toEqual([3]);
  expect(ledger.orphans()).toEqual([
    "the server's direct-2 saw a connection from 127.0.0.1:5000 that no client made",
  ]);
});

test('a peer without an address is the one whose connection is missing; what comes after the end has its owner', () => {
  const ledger = new DirectLedger(() => undefined);
  ledger.client('a', 'one', 'direct-1', '127.16.0.1');
  ledger.socket('a', 'one', '127.16.0.1:5000');
  ledger.observation(seen(1, ':0', 'open'));
  ledger.observation(seen(1, ':0', 'close'));
  expect(ledger.missing('a')).toEqual([]);
  ledger.done('a');
  ledger.observation(seen(1, ':0', 'close'));
  expect(ledger.orphans()).toEqual([]);
});

test('a peer without an address goes on to the next when the own connection of the first comes after all', () => {
  const changed: string[] = [];
  const ledger = new DirectLedger((owner) => changed.push(owner));
  for (const [owner, ip] of [
    ['a', '127.16.0.1'],
    ['b', '127.16.0.2'],
  ] as const) {
    ledger.client(owner, 'one', 'direct-1', ip);
    ledger.socket(owner, 'one', `${ip}:5000`);
  }
  ledger.observation(seen(1, ':0', 'close'));
  changed.length = 0;
  ledger.observation(seen(2, '127.16.0.1:5000', 'open'));
  expect(ledger.connectionsOf('a', 'one').map(({ conn }) => conn)).toEqual([2]);
  expect(ledger.connectionsOf('b', 'one').map(({ conn }) => conn)).toEqual([1]);
  expect([ledger.missing('b'), changed.includes('b'), ledger.orphans()]).toEqual([[], true, []]);
});

test('a client that connects after its case was given up owns its connection and disturbs nobody', () => {
  const ledger = new DirectLedger(() => undefined);
  ledger.client('a', 'one', 'direct-1', '127.16.0.1');
  ledger.client('b', 'one', 'direct-1', null);
  ledger.done('a');
  ledger.done('b');
  ledger.observation(seen(1, '127.16.0.1:5000', 'open'));
  ledger.socket('a', 'one', '127.16.0.1:5000');
  ledger.observation(seen(2, '127.0.0.1:6000', 'open'));
  expect(ledger.orphans()).toHaveLength(1);
  ledger.socket('b', 'one', '127.0.0.1:6000');
  expect(ledger.orphans()).toEqual([]);
});
