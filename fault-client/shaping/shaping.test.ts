import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkSpec } from '../control/check-spec.ts';
import { openGrpcPeer } from '../testing/grpc-peer.ts';
import { type HttpPeer, openHttpPeer } from '../testing/http-peer.ts';
import { type Fixtures, openFixtures, runSpec } from '../testing/run-spec.ts';

let fixtures: Fixtures;
let peer: HttpPeer;
let received: Buffer[];

beforeAll(async () => {
  fixtures = await openFixtures();
});
afterAll(() => fixtures.remove());
beforeEach(async () => {
  received = [];
  peer = await openHttpPeer(fixtures, (request, response) => {
    request.on('data', (chunk: Buffer) => received.push(chunk));
    request.on('end', () => response.end('hello'));
  });
  return () => peer.close();
});

const body = { bytes: 50_000, seed: 5 };
const upload = (proto: 'h1' | 'h2' | 'raw', id: string, params: Record<string, unknown>) =>
  runSpec(fixtures, {
    target: peer.target,
    proto,
    tls: { verify: false },
    request: { method: 'POST', body },
    fault: { id, params },
  });

const keeps: [id: string, params: Record<string, unknown>][] = [
  ['tcp-latency', { ms: 5, jitter_ms: 5, direction: 'both' }],
  ['tcp-bandwidth', { bytes_per_second: 2_000_000 }],
  ['tcp-slicer', { bytes: 500, variation: 400, direction: 'both' }],
  ['tcp-coalesce', { ms: 5, direction: 'both' }],
  ['tcp-slow-close', { ms: 5 }],
  ['tcp-stall', { bytes: 4000, ms: 5 }],
];

describe('shapes that keep all bytes', () => {
  const rows = keeps.flatMap(([id, params]) =>
    (['wire', 'app'] as const).flatMap((at) =>
      (['h1', 'h2', 'raw'] as const).map((proto) => [id, at, proto, params] as const),
    ),
  );
  test.each(rows)('%s at %s over %s', async (id, at, proto, params) => {
    const result = await upload(proto, id, { ...params, at });
    expect(result).toMatchObject({
      outcome: 'ok',
      exchanges: [{ status: 200, complete: true, body_bytes: 5 }],
    });
    const sha = createHash('sha256').update(Buffer.concat(received)).digest('hex');
    expect(sha).toBe(result.exchanges[0]?.sent_sha256);
    expect(result.notes.join()).toContain(id);
  });

  test.each(['grpc', 'grpc_native'] as const)('a call by %s under a slicer', async (proto) => {
    const server = await openGrpcPeer(fixtures);
    const fault = { id: 'tcp-slicer', params: { bytes: 9, direction: 'both' } };
    const grpc = { call: 'large_unary', params: { request_bytes: 900, response_bytes: 900 } };
    const spec = { target: server.target, proto, tls: {}, grpc, fault };
    expect(await runSpec(fixtures, spec)).toMatchObject({ outcome: 'ok', exchanges: [{ grpc_status: 0 }] });
    server.close();
  });
});

describe('shapes that break', () => {
  test.each([
    ['fin', 'end'],
    ['rst', 'reset'],
  ])('tcp-limit by %s above TLS reaches the peer as %s', async (how, event) => {
    const result = await upload('h1', 'tcp-limit', { bytes: 1000, how, at: 'app' });
    await peer.saw(new RegExp(`^${event}`));
    expect(result).toMatchObject({ close: { by: 'self' } });
    expect(result.notes).toContain(`tcp-limit: ${how} after 1000 bytes`);
  });

  test.each(['tcp-corrupt', 'tcp-duplicate', 'tcp-lose'])(
    '%s below TLS is a bad record to the peer',
    async (id) => {
      const result = await upload('h1', id, { offset: 5000 });
      await peer.saw(/^ERR_SSL_(DECRYPTION_FAILED_OR_BAD_RECORD_MAC|WRONG_VERSION_NUMBER)/);
      expect(result.outcome).toBe('error');
    },
  );

  test('tcp-corrupt above TLS is another body', async () => {
    const result = await upload('h1', 'tcp-corrupt', { offset: 5000, at: 'app' });
    const sha = createHash('sha256').update(Buffer.concat(received)).digest('hex');
    expect(result.outcome).toBe('ok');
    expect(sha).not.toBe(result.exchanges[0]?.sent_sha256);
  });

  test('tcp-slow-close is as late as it says', async () => {
    const result = await upload('h1', 'tcp-slow-close', { ms: 150 });
    await peer.saw(/^end/);
    expect(result.duration_ms).toBeGreaterThanOrEqual(149);
  });

  test('tcp-stall for ever waits for the peer', async () => {
    peer.server.on('secureConnection', (socket) => setTimeout(() => socket.end(), 50));
    const result = await upload('h1', 'tcp-stall', { bytes: 5000 });
    expect(result).toMatchObject({ outcome: 'error', close: { by: 'peer', peer_end: 'fin' } });
  });

  test('a shape above the TLS of grpc-js is refused', () => {
    const spec = { target: 'a:1', proto: 'grpc_native', fault: { id: 'tcp-latency', params: { at: 'app' } } };
    expect(() => checkSpec(spec, fixtures.certificates)).toThrow('grpc-js does its own TLS');
  });
});
