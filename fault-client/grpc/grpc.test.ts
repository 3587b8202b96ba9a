import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGrpcPeer } from '../testing/grpc-peer.ts';
import { type Fixtures, openFixtures, runSpec } from '../testing/run-spec.ts';

let fixtures: Fixtures;
let peer: Awaited<ReturnType<typeof openGrpcPeer>>;

beforeAll(async () => {
  fixtures = await openFixtures();
  peer = await openGrpcPeer(fixtures);
});
afterAll(() => {
  peer.close();
  fixtures.remove();
});

// The server's library neither compresses one message and not the next, nor shows whether one came compressed.
const interop = [
  'say_hello',
  'empty_unary',
  'large_unary',
  'client_streaming',
  'server_streaming',
  'ping_pong',
  'empty_stream',
  'custom_metadata',
  'status_code_and_message',
  'special_status_message',
  'unimplemented_method',
  'unimplemented_service',
  'cancel_after_begin',
  'cancel_after_first_response',
  'timeout_on_sleeping_server',
  'max_streams',
];

describe.each(['grpc', 'grpc_native'] as const)('%s against a grpc-js server', (proto) => {
  test.each(interop)('%s', async (call) => {
    const result = await runSpec(fixtures, { target: peer.target, proto, tls: {}, grpc: { call } });
    expect(result.error).toBeNull();
    expect(result.outcome).toBe('ok');
    expect(result.close).toMatchObject({ by: 'self', peer_end: 'fin' });
    expect(result.sockets).toHaveLength(1);
  });

  test('asks for any status and shows its message', async () => {
    const grpc = { call: 'status', params: { code: 9, message: 'not %now ☺' } };
    const result = await runSpec(fixtures, { target: peer.target, proto, tls: {}, grpc });
    expect(result.outcome).toBe('ok');
    expect(result.exchanges[0]).toMatchObject({ grpc_status: 9, grpc_message: 'not %now ☺' });
  });

  test('a broken contract is an error, not a pass, and the connection ends as after a good call', async () => {
    const grpc = { call: 'large_unary', params: { response_bytes: -1 } };
    const result = await runSpec(fixtures, { target: peer.target, proto, tls: {}, grpc });
    expect(result.outcome).toBe('error');
    expect(result.close).toMatchObject({ by: 'self', peer_end: 'fin' });
  });

  test('speaks from the bound address on one connection for a chat', async () => {
    const before = peer.peers.length;
    const spec = { target: peer.target, proto, tls: {}, bind: '127.9.8.7', mode: 'chat', cycles: 3 } as const;
    const result = await runSpec(fixtures, spec);
    expect(result.exchanges.map((one) => one.grpc_status)).toEqual([0, 0, 0]);
    expect(new Set(peer.peers.slice(before))).toEqual(new Set(result.sockets));
    expect(result.sockets[0]).toMatch(/^127\.9\.8\.7:\d+$/);
  });

  test.each(['client_rst', 'client_close_early', 'client_half_close'] as const)('mode %s', async (mode) => {
    const result = await runSpec(fixtures, { target: peer.target, proto, tls: {}, mode });
    // node:http2's server may answer a FIN by ending the session before the answer: only what this side did is certain.
    if (mode !== 'client_half_close') expect(result.error).toBeNull();
    expect(result.close.by).toBe('self');
  });
});
