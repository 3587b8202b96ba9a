import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { describe, expect, it } from 'vitest';
import { open, rawExchange } from '../testing.ts';

type Seen = {
  status: number | null;
  body: string;
  bytes: number;
  complete: boolean;
  interim: number[];
  error: string | null;
};

/** What Node's HTTP client makes of an answer; it gives up once `giveUp` resolves. */
function ask(port: number, options: RequestOptions, giveUp: Promise<unknown> | null): Promise<Seen> {
  return new Promise((resolve) => {
    const seen: Seen = { status: null, body: '', bytes: 0, complete: false, interim: [], error: null };
    const req = httpRequest({ port, host: '127.0.0.1', agent: false, ...options });
    req.on('information', ({ statusCode }) => seen.interim.push(statusCode));
    req.on('error', (error: NodeJS.ErrnoException) => {
      seen.error ??= error.code ?? error.message;
    });
    req.on('response', (res: IncomingMessage) => {
      seen.status = res.statusCode ?? null;
      res.on('data', (chunk: Buffer) => {
        seen.bytes += chunk.length;
        seen.body += chunk.toString('latin1', 0, 40);
      });
      res.on('error', (error: NodeJS.ErrnoException) => {
        seen.error ??= error.code ?? error.message;
      });
      res.on('close', () => {
        seen.complete = res.complete;
      });
    });
    req.on('close', () => setImmediate(() => resolve(seen)));
    req.end();
    void giveUp?.then(() => req.destroy(new Error('gave up')));
  });
}

const table: [id: string, sees: Partial<Seen>, params?: Record<string, unknown>, options?: RequestOptions][] =
  [
    ['h1-close-early', { status: null, error: 'ECONNRESET' }],
    ['h1-rst', { status: null, error: 'ECONNRESET' }],
    ['h1-truncate-cl', { status: 200, bytes: 1000, complete: false, error: 'ECONNRESET' }],
    ['h1-truncate-cl', { status: 200, bytes: 5, complete: false }, { bytes: 10 }],
    ['h1-truncate-chunked', { status: 200, body: 'hello', complete: false, error: 'ECONNRESET' }],
    ['h1-garbage', { status: null, error: 'HPE_INVALID_CONSTANT' }],
    ['h1-bad-chunk', { status: 200, body: 'hello', complete: false, error: 'HPE_INVALID_CHUNK_SIZE' }],
    ['h1-dup-content-length', { status: null, error: 'HPE_UNEXPECTED_CONTENT_LENGTH' }],
    ['h1-cl-and-te', { status: null, error: 'HPE_INVALID_TRANSFER_ENCODING' }],
    [
      'h1-eof-delimited',
      { status: 200, body: 'this body ends with its connection\n', complete: true, error: null },
    ],
    ['h1-hang', { status: null, error: 'gave up' }],
    ['h1-sleep-headers', { status: 200, body: 'ok\n', complete: true }, { ms: 20 }],
    ['h1-100-103', { status: 200, interim: [100, 103], body: 'ok\n', complete: true }],
    ['h1-body-after-204', { status: 204, bytes: 0 }],
    ['h1-head-with-body', { status: 200, bytes: 0 }, {}, { method: 'HEAD' }],
    ['h1-head-with-body', { status: 200, body: 'body of a HEAD answer\n', complete: true }],
    ['h1-rst-mid-body', { status: 200, bytes: 1000, complete: false, error: 'ECONNRESET' }],
    ['h1-unsolicited-response', { status: 200, body: 'ok\n', complete: true }],
  ];

describe('HTTP/1.1 faults as Node sees them', () => {
  it.each(table)('%s', async (id, sees, params, options = {}) => {
    const server = await open({ kind: 'raw', fault: { id, params } });
    const giveUp = sees.error === 'gave up' ? server.until('fault') : null;
    expect(await ask(server.port, { path: `/${id}`, ...options }, giveUp)).toMatchObject(sees);
    expect((await server.until('fault')).fault).toBe(id);
    expect(await server.until('request')).toMatchObject({ protocol: 'h1', complete: true, body_bytes: 0 });
    await server.until('close');
  });

  it('reads chunked and sized request bodies to their end', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'h1-close-early' } });
    await rawExchange(
      server.port,
      'POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nT: 1\r\n\r\n',
    );
    expect(await server.until('request')).toMatchObject({ body_bytes: 7, complete: true });
  });
});
