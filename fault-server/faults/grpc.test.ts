import { fileURLToPath } from 'node:url';
import { type Client, credentials, loadPackageDefinition, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { describe, expect, it, onTestFinished } from 'vitest';
import { open } from '../testing.ts';

type Unary = (
  request: object,
  options: { deadline: number },
  done: (e: ServiceError | null, r: Reply) => void,
) => void;
type Reply = { payload: { body: Buffer } };
type TestClient = Client & { UnaryCall: Unary; EmptyCall: Unary };

const { grpc } = loadPackageDefinition(
  loadSync('grpc/testing/test.proto', {
    includeDirs: [fileURLToPath(new URL('../../protos', import.meta.url))],
    keepCase: true,
  }),
) as unknown as { grpc: { testing: { TestService: new (at: string, c: object, o: object) => TestClient } } };

function client(port: number): TestClient {
  const made = new grpc.testing.TestService(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
  });
  onTestFinished(() => made.close());
  return made;
}

/** The call of large_unary: its status, and the length of its reply. */
function large(to: TestClient, deadlineMs = 10_000): Promise<{ status: number; bytes: number | null }> {
  return new Promise((resolve) =>
    to.UnaryCall(
      { response_size: 314_159, payload: { body: Buffer.alloc(271_828) } },
      { deadline: Date.now() + deadlineMs },
      (error, reply) =>
        resolve({ status: error?.code ?? 0, bytes: error ? null : reply.payload.body.length }),
    ),
  );
}

const whole = { status: 0, bytes: 314_159 };
const table: [id: string, sees: object, params?: Record<string, unknown>][] = [
  ['grpc-goaway', whole],
  ['grpc-rst-after-header', { status: 13, bytes: null }],
  ['grpc-rst-during-data', { status: 13, bytes: null }],
  ['grpc-rst-after-data', { status: 13, bytes: null }],
  ['grpc-ping', whole],
  ['grpc-max-streams', whole],
  ['grpc-data-frame-padding', whole],
  ['grpc-no-df-padding', whole],
  ['grpc-status', { status: 5 }],
  ['grpc-status', whole, { code: 0 }],
  ['grpc-status', { status: 16 }, { code: 16, message: 'nicht angemeldet ☹' }],
  ['grpc-trailers-only', { status: 14 }],
  ['grpc-missing-status', { status: 2 }],
  ['grpc-no-trailers', { status: 13 }],
  ['grpc-http-status', { status: 14 }],
  ['grpc-http-status', { status: 12 }, { status: 404 }],
  ['grpc-truncated-message', { status: 12 }],
];

describe('gRPC faults as grpc-js sees them', () => {
  it.each(table)('%s', async (id, sees, params) => {
    const server = await open({ kind: 'raw', fault: { id, params } });
    expect(await large(client(server.port))).toMatchObject(sees);
    expect((await server.until('fault')).fault).toBe(id);
    expect(await server.until('request')).toMatchObject({
      protocol: 'grpc',
      complete: true,
      grpc_messages: 1,
      path: '/grpc.testing.TestService/UnaryCall',
    });
  });

  it.each(['grpc-hang', 'grpc-headers-then-hang'])('%s', async (id) => {
    const server = await open({ kind: 'raw', fault: { id } });
    expect(await large(client(server.port), 500)).toEqual({ status: 4, bytes: null });
    expect((await server.until('fault')).fault).toBe(id);
  });

  it('grpc-goaway sends the next call on a new connection', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'grpc-goaway' } });
    const to = client(server.port);
    expect(await large(to)).toEqual(whole);
    expect(await large(to)).toEqual(whole);
    expect(server.seen.filter(({ observation }) => observation === 'open')).toHaveLength(2);
  });

  it('grpc-max-streams is never exceeded by ten calls at once', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'grpc-max-streams' } });
    const to = client(server.port);
    expect(await large(to)).toEqual(whole);
    expect(await Promise.all(Array.from({ length: 10 }, () => large(to)))).toEqual(Array(10).fill(whole));
    const exceeded = server.seen.filter((o) => o.observation === 'fault' && o.detail.includes('exceeded'));
    expect(exceeded).toEqual([]);
  });
});
