import { expect, test } from 'vitest';
import type { ServerObservation } from '../../protos/control/fault-server.ts';
import type { ConnectionRecord } from '../run/evidence.ts';
import { ForeignLedger } from './foreign-ledger.ts';

let line = 0;

function write(ledger: ForeignLedger, record: Record<string, unknown>): void {
  ledger.record({ record: record as unknown as ConnectionRecord, line: ++line });
}

function conn(event: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const common = { kind: 'conn', listener: 'one', client_ip: '203.0.113.1', client_port: 7, conn_id: 'c1' };
  return { ...common, ts: Date.now() / 1000, event, ...more };
}

function began(): { ledger: ForeignLedger; changes: string[] } {
  const changes: string[] = [];
  const ledger = new ForeignLedger((owner) => changes.push(owner));
  ledger.begin('first', 'one', [{ name: 'client', spec: {} }]);
  ledger.source('first', 'client', '127.16.0.1');
  ledger.socket('first', 'client', '127.16.0.1:5000');
  return { ledger, changes };
}

function open(endpoint: string, number: number, observation = 'open'): ServerObservation {
  return {
    endpoint,
    conn: number,
    remote: '127.0.0.1:900',
    ts: Date.now(),
    observation,
  } as ServerObservation;
}

test("a record belongs to the case of its listener; its fields are lifted, the client's socket and the proxy's port among them", () => {
  const { ledger, changes } = began();
  expect(ledger.missing('first', true)).toEqual([
    'the proxy wrote no record of 1 of the 1 connections of client',
  ]);
  write(ledger, conn('open'));
  ledger.observation(open('one', 1));
  expect(ledger.missing('first', true)).toEqual([
    'connection c1 has no close record',
    "the server's connection from 127.0.0.1:900 is not closed",
  ]);
  write(ledger, conn('close'));
  ledger.observation(open('one', 1, 'close'));
  expect(ledger.missing('first', true)).toEqual([]);
  const [opened] = ledger.recordsOf('first');
  expect(opened!.record).toMatchObject({
    peer_ip: '127.16.0.1',
    peer_port: 5000,
    upstream_local: '127.0.0.1:900',
    cause: null,
  });
  expect(opened!.raw).not.toHaveProperty('peer_ip');
  expect(ledger.correlationOf('first').connections).toEqual([
    { connId: 'c1', client: 'client', rule: 'the only client of its listener' },
  ]);
  expect(changes.length).toBeGreaterThan(3);
  expect(ledger.orphans()).toEqual([]);
});

test('of attempts on one listener the one that ran when the connection was accepted owns it', async () => {
  const { ledger } = began();
  const before = Date.now() / 1000;
  await expect.poll(() => Date.now() / 1000 - before).toBeGreaterThan(0.01);
  ledger.begin('second', 'one', [{ name: 'client', spec: {} }]);
  write(ledger, conn('open', { ts: before, conn_id: 'late' }));
  write(ledger, conn('open', { conn_id: 'new' }));
  expect([ledger.ownerOf('late'), ledger.ownerOf('new')]).toEqual(['first', 'second']);
});

test("what belongs to no case is named; the run's own connection is not", () => {
  const { ledger } = began();
  ledger.disregard('127.0.0.1:77');
  write(
    ledger,
    conn('open', { listener: 'other', conn_id: 'probe', client_ip: '127.0.0.1', client_port: 77 }),
  );
  write(ledger, conn('open', { listener: 'other', conn_id: 'stranger' }));
  ledger.observation(open('other', 2));
  const [ofProxy, ofServer, ...rest] = ledger.orphans();
  expect(ofProxy).toContain('connection stranger (listener other');
  expect(ofServer).toContain("the server's other saw a connection");
  expect(rest).toEqual([]);
});

test.each([
  { client_ip: null, client_port: 'x' },
  { ts: 'soon', peer_ip: 5 },
  { kind: 'event', request: 5, response: null, flags: 'none', ts_start: null },
  { kind: 'tls', tls: [], fingerprints: null, upstream: 'x' },
])('whatever a record holds it is lifted: %j', (odd) => {
  const { ledger } = began();
  write(ledger, { ...conn('open'), ...odd });
  const [claimed] = ledger.recordsOf('first');
  expect(typeof claimed!.record.peer_ip).toBe('string');
});
