import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
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
    req.on('upgrade', (res, socket) => {
      seen.status = res.statusCode ?? null;
      socket.destroy();
    });
    if (options.headers === expects.headers) {
      req.flushHeaders();
      req.on('continue', () => req.end('body'));
    } else req.end();
    void giveUp?.then(() => req.destroy(new Error('gave up')));
  });
}

/** The body waits for 100 (Continue). */
const expects = { method: 'POST', headers: { expect: '100-continue', 'content-length': '4' } };

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
    ['h1-many-1xx', { status: 200, body: 'ok\n', complete: true }],
    ['h1-body-after-204', { status: 204, bytes: 0 }],
    ['h1-head-with-body', { status: 200, bytes: 0 }, {}, { method: 'HEAD' }],
    ['h1-head-with-body', { status: 200, body: 'body of a HEAD answer\n', complete: true }],
    ['h1-rst-mid-body', { status: 200, bytes: 1000, complete: false, error: 'ECONNRESET' }],
    ['h1-unsolicited-response', { status: 200, body: 'ok\n', complete: true }],
    ['h1-chunk-no-crlf', { status: 200, complete: false, error: 'HPE_STRICT' }],
    ['h1-h2-frames', { status: null, error: 'HPE_INVALID_CONSTANT' }],
    ['h1-body-after-length', { status: 200, body: 'ok\n' }],
    ['h1-bad-status', { status: null, error: 'HPE_INVALID_STATUS' }],
    ['h1-bad-status', { status: 999, complete: true, error: null }, { status: 999 }],
    ['h1-header-overflow', { status: null, error: 'HPE_HEADER_OVERFLOW' }],
    ['h1-header-overflow', { status: 200, complete: true }, { bytes: 1000 }],
    ['h1-unsolicited-101', { status: 101, bytes: 0 }],
    ['h1-slow-body', { status: 200, bytes: 10, complete: true, error: null }, { every_ms: 2 }],
    ['h1-slow-close', { status: 200, body: 'ok\n', complete: true, error: null }, { ms: 20 }],
    ['h1-304-content-length', { status: 304, bytes: 0, complete: true, error: null }],
    ['h1-304-content-length', { status: 304, bytes: 0 }, { body: true }],
    ['h1-wrong-encoding', { status: 200, body: 'this is no gzip\n', complete: true }],
    ['h1-huge-content-length', { status: 200, bytes: 3, complete: false, error: 'ECONNRESET' }],
    [
      'h1-huge-content-length',
      { status: null, error: 'HPE_INVALID_CONTENT_LENGTH' },
      { length: '18446744073709551616' },
    ],
    ['h1-truncate-head', { status: null, error: 'ECONNRESET' }],
    ['h1-truncate-head', { status: null, error: 'ECONNRESET' }, { how: 'rst' }],
    ['h1-early-answer', { status: 413, body: 'early\n', complete: true }],
    ['h1-expect-417', { status: 200, body: 'ok\n', complete: true }],
    ['h1-expect-417', { status: 417, complete: true }, {}, { headers: { expect: '100-continue' } }],
    ['h1-expect-silence', { status: null, error: 'gave up' }],
    ['h1-sleep-100', { status: 200, interim: [100], complete: true }, { ms: 1 }, expects],
  ];

describe('HTTP/1.1 faults as Node sees them', () => {
  it.each(table)('%s', async (id, sees, params, options = {}) => {
    const server = await open({ kind: 'raw', fault: { id, params } });
    const giveUp = sees.error === 'gave up' ? server.until('fault') : null;
    expect(await ask(server.port, { path: `/${id}`, ...options }, giveUp)).toMatchObject(sees);
    expect((await server.until('fault')).fault).toBe(id);
    expect(await server.until('request')).toMatchObject({
      protocol: 'h1',
      body_bytes: options === expects ? 4 : 0,
    });
    await server.until('close');
  });

  it('h1-wrong-encoding cannot be decoded by fetch', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'h1-wrong-encoding' } });
    const response = await fetch(`http://127.0.0.1:${server.port}/`);
    await expect(response.text()).rejects.toMatchObject({ cause: { code: 'Z_DATA_ERROR' } });
  });

  it('h1-idle-408 answers an idle connection', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'h1-idle-408', params: { ms: 5 } } });
    const { received, end } = await rawExchange(server.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(received.toString()).toMatch(/^HTTP\/1.1 200 [\s\S]*ok\nHTTP\/1.1 408 [\s\S]*\r\n\r\n$/);
    expect(end).toBe('fin');
  });

  it('h1-early-answer can stay and read the body', async () => {
    // biome-ignore lint/suspicious/noThenProperty: a word of the control protocol, never a function
    const server = await open({ kind: 'raw', fault: { id: 'h1-early-answer', params: { then: 'open' } } });
    const socket = connect(server.port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n');
    await once(socket, 'data');
    expect(server.seen.map(({ observation }) => observation)).not.toContain('request');
    socket.end('body');
    expect(await server.until('request')).toMatchObject({ body_bytes: 4, complete: true });
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
