import { fileURLToPath } from 'node:url';
import {
  type Client,
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { describe, expect, it, onTestFinished } from 'vitest';
import { open } from '../testing.ts';

type Unary = (
  request: object,
  options: { deadline: number },
  done: (e: ServiceError | null, r: Reply) => void,
) => void;
type Reply = { payload: { body: Buffer } };
type TestClient = Client & {
  UnaryCall: Unary;
  EmptyCall: Unary;
  StreamingOutputCall(request: object): ClientReadableStream<Reply>;
};

const { grpc } = loadPackageDefinition(
  loadSync('grpc/testing/test.proto', {
    includeDirs: [fileURLToPath(new URL('../../protos', import.meta.url))],
    keepCase: true,
  }),
) as unknown as { grpc: { testing: { TestService: new (at: string, c: object, o: object) => TestClient } } };

const backoff = { maxAttempts: 3, initialBackoff: '0.01s', maxBackoff: '0.01s', backoffMultiplier: 1 };
const policies: Record<string, object> = {
  retryPolicy: { retryPolicy: { ...backoff, retryableStatusCodes: ['UNAVAILABLE'] } },
  hedgingPolicy: { hedgingPolicy: { maxAttempts: 2, hedgingDelay: '0.01s' } },
};

function client(port: number, policy?: object): TestClient {
  const made = new grpc.testing.TestService(`127.0.0.1:${port}`, credentials.createInsecure(), {
    ...(policy && { 'grpc.service_config': JSON.stringify({ methodConfig: [{ name: [{}], ...policy }] }) }),
  });
  onTestFinished(() => made.close());
  return made;
}

type Outcome = { failed: boolean; status: number; bytes: number | null; details: string; binary: string[] };

/** The call of large_unary: its status, and the length of its reply. */
function large(to: TestClient, deadlineMs = 10_000): Promise<Outcome> {
  return new Promise((resolve) =>
    to.UnaryCall(
      { response_size: 314_159, payload: { body: Buffer.alloc(271_828) } },
      { deadline: Date.now() + deadlineMs },
      (error, reply) =>
        resolve({
          failed: error !== null,
          status: error ? error.code : 0,
          bytes: error ? null : reply.payload.body.length,
          details: error?.details ?? '',
          binary: (error?.metadata?.get('grpc-status-details-bin') ?? []).map((value) =>
            value.toString('latin1'),
          ),
        }),
    ),
  );
}

const whole = { status: 0, bytes: 314_159 };
type Row = [id: string, sees: object, params?: Record<string, unknown>];

/** grpc/grpc doc/http-grpc-status-mapping.md; grpc-js says UNKNOWN to 431, which is not in it. */
const statusOfHttp: Record<number, number> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
};
/** PROTOCOL-HTTP2.md, Errors. */
const statusOfRst: Record<number, number> = { 0: 13, 1: 13, 2: 13, 3: 13, 8: 1, 11: 8, 12: 7 };

const table: Row[] = [
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
  ['grpc-status-invalid', { status: Number.NaN }],
  ['grpc-status-invalid', { status: 99 }, { value: '99' }],
  ['grpc-status-invalid', { status: 7 }, { value: '007' }],
  ['grpc-message-bad-percent', { status: 3, details: '%ZZ 100% %e2%98 %' }],
  ...[302, 400, 401, 403, 404, 429, 431, 500, 502, 503, 504].map(
    (status): Row => ['grpc-http-status', { status: statusOfHttp[status] ?? 2 }, { status }],
  ),
  ['grpc-http-status', { status: 5 }, { status: 502, grpc_status: 5 }],
  ['grpc-html-200', { status: 8 }],
  ['grpc-compressed-no-encoding', { failed: true }],
  ['grpc-compressed-no-encoding', { failed: true }, { encoding: 'snappy' }],
  ['grpc-gzip-corrupt', { status: 13, details: 'Failed to decompress gzip-encoded message' }],
  ['grpc-gzip-bomb', { status: 8 }],
  ['grpc-bad-flag', whole],
  ['grpc-truncated-prefix', { status: 12 }],
  ['grpc-huge-message', { status: 8 }],
  ['grpc-message-count', { status: 12 }, { n: 0 }],
  ...Object.entries(statusOfRst).map(
    ([code, status]): Row => ['grpc-rst', { status }, { code: Number(code) }],
  ),
  ['grpc-rst', { status: 8 }, { code: 11, when: 'after_headers' }],
  ['grpc-rst', { status: 13 }, { code: 2, when: 'after_data' }],
  ['grpc-stream-cut', { status: 1 }, { how: 'rst_stream', code: 8, n: 0 }],
  ['grpc-too-many-pings', { status: 8 }],
  ['grpc-goaway-refuse', { status: 14 }],
  ['grpc-max-age', whole],
  ['grpc-details-bin', { status: 3, binary: ['\b\x03\x12\x07details'] }],
  ['grpc-details-bin', { status: 3, binary: ['\b\x03\x12\x07details'] }, { form: 'padded' }],
  ['grpc-details-bin', { status: 3 }, { form: 'comma_list' }],
  ['grpc-details-bin', { status: 3 }, { form: 'invalid' }],
  ['grpc-metadata', whole, { bytes: 9000 }],
  ['grpc-metadata', whole, { bytes: 20_000, where: 'headers' }],
  ['grpc-metadata', { status: 8 }, { bytes: 20_000, where: 'trailers_only' }],
  ['grpc-content-type', whole, { type: 'application/grpc+cow' }],
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
    expect(await large(client(server.port), 500)).toMatchObject({ status: 4, bytes: null });
    expect((await server.until('fault')).fault).toBe(id);
  });

  it.each([
    ['fin', 14],
    ['rst', 14],
    ['rst_stream', 13],
  ])('grpc-stream-cut by %s is status %i behind the whole messages', async (how, status) => {
    const server = await open({ kind: 'raw', fault: { id: 'grpc-stream-cut', params: { how, n: 2 } } });
    const call = client(server.port).StreamingOutputCall({ response_parameters: [{ size: 1 }] });
    let messages = 0;
    call.on('data', () => {
      messages += 1;
    });
    const [error] = await new Promise<ServiceError[]>((resolve) =>
      call.once('error', (e: ServiceError) => resolve([e])),
    );
    expect({ status: error?.code, messages }).toEqual({ status, messages: 2 });
  });

  it('grpc-message-count sends more than one reply', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'grpc-message-count' } });
    expect(await large(client(server.port), 500)).toMatchObject({ failed: true });
    expect(await server.until('response')).toMatchObject({ status: 200 });
  });

  it('grpc-content-type is not looked at by grpc-js', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'grpc-content-type' } });
    await large(client(server.port), 500);
    expect(await server.until('fault')).toMatchObject({ detail: 'content-type application/grpc-web+proto' });
  });

  it('grpc-early-trailers ends a call before its request did', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'grpc-early-trailers' } });
    expect(await large(client(server.port))).toMatchObject({ status: 8 });
    expect(server.seen.some((o) => o.observation === 'request' && o.complete)).toBe(false);
  });

  it.each([
    ['fail', 'retryPolicy', { pushback_ms: '1' }],
    ['fail', 'retryPolicy', {}],
    ['hang', 'hedgingPolicy', {}],
    ['refuse', 'none', {}],
  ])('grpc-retry: %s, and the call succeeds by %s', async (early, policy, params) => {
    const server = await open({ kind: 'raw', fault: { id: 'grpc-retry', params: { early, ...params } } });
    const to = client(server.port, policies[policy]);
    expect(await large(to)).toMatchObject(whole);
    const attempts = server.seen.flatMap((o) => (o.observation === 'request' ? [o.headers] : []));
    expect(attempts).toHaveLength(2);
    const previous = attempts.map(
      (fields) => fields.find(([name]) => name === 'grpc-previous-rpc-attempts')?.[1],
    );
    expect(previous).toEqual([undefined, policy === 'none' ? undefined : '1']);
  });

  it('grpc-retry with a pushback of -1 is not tried again', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'grpc-retry', params: { pushback_ms: '-1' } } });
    expect(await large(client(server.port, policies.retryPolicy))).toMatchObject({ status: 14 });
    expect(server.seen.filter(({ observation }) => observation === 'request')).toHaveLength(1);
  });

  it('grpc-goaway sends the next call on a new connection', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'grpc-goaway' } });
    const to = client(server.port);
    expect(await large(to)).toMatchObject(whole);
    expect(await large(to)).toMatchObject(whole);
    expect(server.seen.filter(({ observation }) => observation === 'open')).toHaveLength(2);
  });

  it('grpc-max-streams is never exceeded by ten calls at once', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'grpc-max-streams' } });
    const to = client(server.port);
    expect(await large(to)).toMatchObject(whole);
    expect(await Promise.all(Array.from({ length: 10 }, () => large(to)))).toMatchObject(
      Array(10).fill(whole),
    );
    const exceeded = server.seen.filter((o) => o.observation === 'fault' && o.detail.includes('exceeded'));
    expect(exceeded).toEqual([]);
  });
});
