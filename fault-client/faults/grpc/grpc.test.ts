import { afterAll, beforeAll, expect, test } from 'vitest';
import { openGrpcPeer } from '../../testing/grpc-peer.ts';
import { type Fixtures, openFixtures, runSpec } from '../../testing/run-spec.ts';

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

const run = (id: string, params: Record<string, unknown> = {}, timeoutMs = 10_000) =>
  runSpec(fixtures, { target: peer.target, proto: 'raw', timeoutMs, fault: { id, params } });

// What a grpc-js server makes of them.
test.each<[string, Record<string, unknown>, object]>([
  ['grpc-cli-bad-ct', {}, { status: 415, grpcStatus: null }],
  ['grpc-cli-no-ct', {}, { status: 415, grpcStatus: null }],
  ['grpc-cli-get', {}, { status: 200, grpcStatus: 0 }],
  ['grpc-cli-no-te', {}, { status: 200, grpcStatus: 0 }],
  ['grpc-cli-unknown-method', {}, { status: 200, grpcStatus: 12, trailersOnly: true }],
  ['grpc-cli-bad-path', {}, { rstCode: 1 }],
  ['grpc-cli-big', {}, { grpcStatus: 8 }],
  ['grpc-cli-big', { bytes: 70_000 }, { grpcStatus: 0 }],
  ['grpc-cli-enc-unknown', {}, { grpcStatus: 12 }],
  ['grpc-cli-flag-noenc', {}, { grpcStatus: 0 }],
  ['grpc-cli-bad-flag', {}, { grpcStatus: 0 }],
  ['grpc-cli-zero', {}, { grpcStatus: 12 }],
  ['grpc-cli-two', {}, { grpcStatus: 12 }],
  ['grpc-cli-truncated', {}, { complete: true }],
  ['grpc-cli-timeout', { value: '50m' }, { grpcStatus: 0 }],
  ['grpc-cli-timeout', { value: 'abc' }, { grpcStatus: 13 }],
  ['grpc-cli-timeout', { value: '123456789m' }, { grpcStatus: 0 }],
  ['grpc-cli-bad-bin', {}, { grpcStatus: 0 }],
  ['grpc-cli-ping-flood', {}, { grpcStatus: 0 }],
  ['grpc-cli-big-metadata', {}, { grpcStatus: 0 }],
  ['grpc-cli-big-metadata', { bytes: 20_000 }, { grpcStatus: 0 }],
])('%s %o', async (id, params, sees) => {
  const [exchange] = (await run(id, params)).exchanges;
  const { status, rst_code, grpc_status, trailers_only, complete } = exchange!;
  expect({
    status,
    rstCode: rst_code,
    grpcStatus: grpc_status,
    trailersOnly: trailers_only,
    complete,
  }).toMatchObject(sees);
});

test('grpc-cli-no-half-close is waited for', async () => {
  const result = await run('grpc-cli-no-half-close', {}, 300);
  expect(result).toMatchObject({ outcome: 'timeout', exchanges: [{ status: null }] });
});

test('grpc-cli-cancel gets no answer', async () => {
  expect(await run('grpc-cli-cancel')).toMatchObject({ outcome: 'ok', exchanges: [{ complete: false }] });
});
