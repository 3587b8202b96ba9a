import { expect, test } from 'vitest';
import type { ClientResult, ClientSpec } from '../../protos/control/fault-client.ts';
import type { CaseInstance } from '../load/catalog.ts';
import type { DirectLook, Evidence } from '../run/evidence.ts';
import { checkTransparency } from './transparency.ts';

const spec: ClientSpec = { target: '127.0.0.1:1', proto: 'h1' };

function side(
  close: Partial<ClientResult['close']>,
  missing: string[] = [],
  notes: string[] = [],
): DirectLook {
  const result: ClientResult = {
    outcome: 'ok',
    error: null,
    exchanges: [],
    tls: null,
    close: { by: 'self', peer_end: 'fin', goaway: null, ...close },
    sockets: [],
    received_hex: null,
    received_bytes: 0,
    notes,
    duration_ms: 1,
  };
  const client = { name: 'client', spec, sockets: [], result, refused: null };
  return { sides: [{ client, connections: [] }], missing };
}

function failures(direct: CaseInstance['direct'], ...looks: DirectLook[]) {
  return failuresOf(side({}), direct, ...looks);
}

function failuresOf(proxied: DirectLook, direct: CaseInstance['direct'], ...looks: DirectLook[]) {
  const evidence: Evidence = {
    clients: [proxied.sides[0]!.client],
    records: [],
    connections: [],
    listener: {
      name: 'l',
      host: '127.0.0.1',
      port: 1,
      config: { listen: '', tls: false, upstream: {}, logging: {} },
      upstreamAddress: '',
    },
    upstreamIsEndpoint: true,
    window: { startMs: 0, endMs: 1 },
    proxyExitCode: null,
    direct: { target: '127.0.0.1:2', tls: { client: false, upstream: false, direct: false }, looks },
  };
  return checkTransparency({ direct } as CaseInstance, evidence).map(({ path }) => path);
}

test('what was never so without the proxy is a difference; what once was is none', () => {
  expect(failures(undefined, side({}))).toEqual([]);
  expect(failures(undefined, side({ peer_end: 'rst' }))).toEqual(['client.close.peer_end']);
  expect(failures(undefined, side({ peer_end: 'rst' }), side({ peer_end: null }))).toHaveLength(1);
  expect(failures(undefined, side({ peer_end: 'rst' }), side({}))).toEqual([]);
  const goaway = { code: 0, last_stream_id: 1, debug: '' };
  expect(failures(undefined, side({ goaway, by: 'peer' }), side({ by: 'peer' }))).toEqual([
    'client.close.by',
  ]);
});

test('a reason of the case covers its place alone', () => {
  const direct = { differs: { 'client.close.peer_end': 'a reason of the case' } };
  expect(failures(direct, side({ peer_end: 'rst' }))).toEqual([]);
  expect(failures(direct, side({ peer_end: 'rst', by: 'peer' }))).toEqual(['client.close.by']);
});

test('a counterpart that came to no end proves nothing, which is a failure', () => {
  expect(failures(undefined, side({}, ['client gave no result']))).toEqual(['']);
});

test('an address of either run is the same place; a name in its stead is not', () => {
  const told = (authority: string) => side({}, [], [authority]);
  expect(failuresOf(told('127.0.0.1:1'), undefined, told('127.0.0.1:2'))).toEqual([]);
  expect(failuresOf(told('localhost'), undefined, told('127.0.0.1:2'))).toEqual(['client.notes.0']);
});
