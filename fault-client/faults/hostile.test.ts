import type net from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runClient } from '../run/run-client.ts';
import { type HttpPeer, openHttpPeer } from '../testing/http-peer.ts';
import { type Fixtures, openFixtures, runSpec } from '../testing/run-spec.ts';

let fixtures: Fixtures;
let peer: HttpPeer;
let received = 0;

beforeAll(async () => {
  fixtures = await openFixtures();
});
afterAll(() => fixtures.remove());
beforeEach(async () => {
  received = 0;
  peer = await openHttpPeer(fixtures, (request, response) => {
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    request.on('end', () => response.end('hello'));
  });
  return () => peer.close();
});

const spec = (id: string, params: Record<string, unknown>) =>
  ({ target: peer.target, proto: 'raw', fault: { id, params } }) as const;

test('tls-tiny-records: many records in one segment, each of one byte', async () => {
  let chunks = 0;
  peer.server.on('secureConnection', (socket) => socket.on('data', () => chunks++));
  const result = await runSpec(fixtures, spec('tls-tiny-records', { n: 500 }));
  expect(result).toMatchObject({ outcome: 'ok', exchanges: [{ status: 200, complete: true }] });
  expect(received).toBe(500);
});

test('h1-trailer-flood is more than Node takes', async () => {
  await runSpec(fixtures, spec('h1-trailer-flood', {}));
  await peer.saw(/^http HPE_HEADER_OVERFLOW/);
});

test('h1-endless-line is more than Node takes', async () => {
  await runSpec(fixtures, spec('h1-endless-line', {}));
  await peer.saw(/^http HPE_HEADER_OVERFLOW/);
});

test.each([
  ['connected', 0],
  ['half_hello', 0],
  ['half_open', 0],
  ['tls', 20],
  ['half_h1_head', 20],
  ['h2_preface', 20],
] as const)('tcp-crowd at %s: all are held until told, and end', async (stage, secured) => {
  const sockets = new Set<net.Socket>();
  let handshakes = 0;
  peer.server.on('connection', (socket: net.Socket) => sockets.add(socket));
  peer.server.on('secureConnection', () => handshakes++);
  const finishing = new AbortController();
  const holding = Promise.withResolvers<number>();
  const done = runClient(spec('tcp-crowd', { n: 20, stage, hold_ms: 20_000 }), {
    certificates: fixtures.certificates,
    onSocket: () => {},
    onHolding: () => holding.resolve(sockets.size),
    finishing: finishing.signal,
  });
  await holding.promise;
  finishing.abort();
  const result = await done;
  expect(result).toMatchObject({ outcome: 'ok', notes: ['0 of 20 connections were ended by the peer'] });
  expect([sockets.size, handshakes, result.sockets.length]).toEqual([20, secured, 20]);
});

test('a chat that measures tells every exchange, and finishes when it is told to', async () => {
  const finishing = new AbortController();
  const told: number[] = [];
  const worked: (number | null)[] = [];
  const result = await runClient(
    {
      target: peer.target,
      proto: 'h2',
      tls: {},
      mode: 'chat',
      cycles: 1_000_000,
      measure: { cpuOfPids: [process.pid] },
    },
    {
      certificates: fixtures.certificates,
      onSocket: () => {},
      onExchange: ({ duration_ms, cpu_ms, complete }) => {
        expect(complete).toBe(true);
        worked.push(cpu_ms);
        told.push(duration_ms);
        if (told.length === 5) finishing.abort();
      },
      finishing: finishing.signal,
    },
  );
  expect(result.outcome).toBe('ok');
  expect(result.exchanges).toHaveLength(told.length);
  // The kernel may account for a thread only when it switches: not every exchange has its share.
  if (process.platform === 'linux') expect(Math.max(...worked.map(Number))).toBeGreaterThan(0);
});
