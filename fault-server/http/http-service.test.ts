import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect as connectH2, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { seededChunk } from '../../protos/body/seeded-body.ts';
import { fixtures, open, rawExchange } from '../testing.ts';
import type { Exchange } from './exchange.ts';
import { modes } from './modes.ts';

type Seen = {
  status: number | null;
  headers: IncomingHttpHeaders;
  trailers: Record<string, unknown>;
  body: Buffer;
  interim: number[];
  complete: boolean;
  rst: number | null;
  error: string | null;
};
type Asked = { method?: string; headers?: OutgoingHttpHeaders; body?: Buffer | string };
type Ask = (port: number, path: string, asked?: Asked) => Promise<Seen>;

const nothing = (): Seen => ({
  status: null,
  headers: {},
  trailers: {},
  body: Buffer.alloc(0),
  interim: [],
  complete: false,
  rst: null,
  error: null,
});

const h1 =
  (secure: boolean): Ask =>
  (port, path, { method = 'GET', headers, body } = {}) =>
    new Promise((resolve) => {
      const seen = nothing();
      const options: RequestOptions & { rejectUnauthorized: boolean } = {
        port,
        path,
        method,
        headers,
        host: '127.0.0.1',
        agent: false,
        rejectUnauthorized: false,
      };
      const req = (secure ? httpsRequest : httpRequest)(options);
      req.on('information', ({ statusCode }) => seen.interim.push(statusCode));
      req.on('error', (error: NodeJS.ErrnoException) => {
        seen.error ??= error.code ?? error.message;
      });
      req.on('response', (res: IncomingMessage) => {
        seen.status = res.statusCode ?? null;
        seen.headers = res.headers;
        res.on('data', (chunk: Buffer) => {
          seen.body = Buffer.concat([seen.body, chunk]);
        });
        res.on('error', (error: NodeJS.ErrnoException) => {
          seen.error ??= error.code ?? error.message;
        });
        res.on('close', () => {
          seen.complete = res.complete;
          seen.trailers = { ...res.trailers };
        });
      });
      req.on('close', () => setImmediate(() => resolve(seen)));
      req.end(body);
    });

const h2 =
  (secure: boolean): Ask =>
  (port, path, { method = 'GET', headers, body } = {}) =>
    new Promise((resolve) => {
      const seen = nothing();
      const session = connectH2(`${secure ? 'https' : 'http'}://127.0.0.1:${port}`, {
        rejectUnauthorized: false,
      });
      session.on('error', (error: NodeJS.ErrnoException) => {
        seen.error ??= error.code ?? error.message;
      });
      const req = session.request({ ':path': path, ':method': method, ...headers });
      req.on('headers', (fields) => seen.interim.push(Number(fields[':status'])));
      req.on('response', (fields) => {
        seen.status = Number(fields[':status']);
        seen.headers = fields;
      });
      req.on('trailers', (fields) => {
        seen.trailers = { ...fields };
      });
      req.on('data', (chunk: Buffer) => {
        seen.body = Buffer.concat([seen.body, chunk]);
      });
      req.on('error', (error: NodeJS.ErrnoException) => {
        seen.error ??= error.code ?? error.message;
      });
      req.on('close', () => {
        seen.rst = req.rstCode ?? null;
        seen.complete = seen.rst === 0 && seen.error === null;
        session.close();
      });
      session.on('close', () => resolve(seen));
      req.end(body);
    });

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe.each([
  ['h1', 'plaintext', h1(false), undefined],
  ['h1', 'TLS', h1(true), {}],
  ['h2', 'plaintext', h2(false), undefined],
  ['h2', 'TLS', h2(true), {}],
] as const)('HTTP endpoint, %s over %s', (protocol, _over, ask, tls) => {
  it('answers /mode/ok and observes the exchange', async () => {
    const server = await open({ kind: 'http', tls });
    expect(await ask(server.port, '/mode/ok')).toMatchObject({
      status: 200,
      body: Buffer.from('ok proxy=none\n'),
    });
    expect(await server.until('close')).toMatchObject({ by: expect.any(String) });
    expect(await server.until('proxy')).toMatchObject({ version: 'none', raw_hex: '' });
    expect(await server.until('request')).toMatchObject({
      protocol,
      method: 'GET',
      path: '/mode/ok',
      complete: true,
    });
    expect(await server.until('response')).toMatchObject({ status: 200, body_bytes: 14 });
    if (tls) {
      expect(await server.until('tls')).toMatchObject({
        outcome: 'ok',
        version: 'TLSv1.3',
        alpn: protocol === 'h2' ? 'h2' : null,
        client_cert: null,
      });
    }
    expect(server.seen.at(-1)?.observation).toBe('close');
  });

  it('fails by the modes', async () => {
    const server = await open({ kind: 'http', tls });
    const early = await ask(server.port, '/mode/close_early');
    expect(early).toMatchObject({ status: null, complete: false });
    const truncated = await ask(server.port, '/mode/truncate');
    expect(truncated).toMatchObject({ status: 200, complete: false, body: seededChunk(1, 0, 1000) });
    expect(truncated.headers['content-length']).toBe('2000');
    const rst = await ask(server.port, '/mode/rst');
    expect(rst).toMatchObject(
      protocol === 'h2' ? { rst: 2, error: 'ERR_HTTP2_STREAM_ERROR' } : { status: null, error: 'ECONNRESET' },
    );
    expect(await ask(server.port, '/mode/sleep_headers?t=0.02')).toMatchObject({
      status: 200,
      complete: true,
    });
    expect(await ask(server.port, '/mode/hang?t=0.01')).toMatchObject({ status: null, complete: false });
    expect(await ask(server.port, '/mode/ok?expect_proxy=v2')).toMatchObject({ status: 500 });
  });

  it('carries bodies whole, both ways', async () => {
    const server = await open({ kind: 'http', tls });
    const body = seededChunk(9, 0, 300_000);
    expect((await ask(server.port, '/bytes/300000?seed=9')).body.equals(body)).toBe(true);
    const chunked = await ask(server.port, '/bytes/300000?seed=9&trailers=1');
    expect(chunked.body.equals(body)).toBe(true);
    expect(chunked.trailers).toMatchObject({ 'x-bytes': '300000' });
    const echoed = await ask(server.port, '/echo', { method: 'POST', body });
    expect(echoed).toMatchObject({ status: 200, complete: true });
    expect(echoed.body.equals(body)).toBe(true);
    const sunk = await ask(server.port, '/sink', { method: 'PUT', body });
    expect(JSON.parse(String(sunk.body))).toEqual({ bytes: 300_000, sha256: sha256(body) });
    const posted = server.seen.filter((o) => o.observation === 'request' && o.method !== 'GET');
    expect(posted).toMatchObject(
      Array(2).fill({ body_bytes: 300_000, body_sha256: sha256(body), complete: true }),
    );
    const sent = server.seen.filter((o) => o.observation === 'response' && o.body_bytes === 300_000);
    expect(sent).toMatchObject(Array(3).fill({ body_sha256: sha256(body) }));
  });

  it('knows the shapes of HTTP', async () => {
    const server = await open({ kind: 'http', tls });
    expect(await ask(server.port, '/informational/103')).toMatchObject({ status: 200, interim: [103] });
    expect(await ask(server.port, '/no-content')).toMatchObject({ status: 204, complete: true });
    expect((await ask(server.port, '/not-modified')).headers['content-length']).toBe('1234');
    expect(await ask(server.port, '/status/418')).toMatchObject({ status: 418, complete: true });
    expect(await ask(server.port, '/trailers')).toMatchObject({
      trailers: { 'x-trailer-one': '1', 'x-trailer-two': 'two' },
    });
    expect(await ask(server.port, '/eof-delimited')).toMatchObject({ status: 200, complete: true });
    expect(await ask(server.port, '/close')).toMatchObject({ status: 200, complete: true });
    expect((await ask(server.port, '/cookies')).headers['set-cookie']).toHaveLength(2);
    const head = await ask(server.port, '/bytes/77', { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0), complete: true });
    expect(head.headers['content-length']).toBe('77');
    const headers = await ask(server.port, '/headers', { headers: { 'x-a': '1' } });
    expect(JSON.parse(String(headers.body))).toContainEqual(['x-a', '1']);
    expect(await ask(server.port, '/nowhere')).toMatchObject({ status: 404 });
  });
});

describe('HTTP endpoint', () => {
  it('reads PROXY v1 and v2 in front of a request', async () => {
    const server = await open({ kind: 'http' });
    const get = (version: string) =>
      `GET /mode/ok?expect_proxy=${version} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
    const v1 = await rawExchange(server.port, `PROXY TCP4 203.0.113.10 192.0.2.10 54321 443\r\n${get('v1')}`);
    expect(String(v1.received)).toContain('ok proxy=v1 src=203.0.113.10:54321 dst=192.0.2.10:443');
    const header = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb00710ac000020ad43101bb', 'hex');
    const v2 = await rawExchange(server.port, Buffer.concat([header, Buffer.from(get('v2'))]));
    expect(String(v2.received)).toContain('ok proxy=v2');
    expect(server.seen).toContainEqual(
      expect.objectContaining({ observation: 'proxy', raw_hex: header.toString('hex') }),
    );
  });

  it('ends a connection with a malformed PROXY header', async () => {
    const server = await open({ kind: 'http' });
    const { received, end } = await rawExchange(server.port, 'PROXY TCP4 nonsense\r\nGET / HTTP/1.1\r\n\r\n');
    expect({ received: received.length, end }).toEqual({ received: 0, end: 'fin' });
    expect(await server.until('proxy')).toMatchObject({ version: 'invalid', error: 'v1: malformed line' });
    expect(await server.until('close')).toMatchObject({ by: 'self', peer_end: 'fin', bytes_out: 0 });
  });

  it('reads PROXY in front of TLS', async () => {
    const server = await open({ kind: 'http', tls: {} });
    const socket = connect(server.port, '127.0.0.1');
    socket.write('PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n');
    const tls = connectTls({ socket, rejectUnauthorized: false, servername: 'localhost' });
    tls.write('GET /mode/ok?expect_proxy=v1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    let received = '';
    for await (const chunk of tls) received += chunk;
    expect(received).toContain('src=[2001:db8::1]:1');
    expect(await server.until('tls')).toMatchObject({ outcome: 'ok', sni: 'localhost' });
  });

  it.each(['after the ClientHello', 'before it'])(
    'sees the end of a TLS peer that leaves %s',
    async (when) => {
      const server = await open({ kind: 'http', tls: {} });
      const socket = connect(server.port, '127.0.0.1');
      if (when === 'before it') socket.end(Buffer.from('16', 'hex'));
      else {
        const tls = connectTls({ socket, rejectUnauthorized: false });
        tls.on('error', () => {});
        tls.once('secureConnect', () => tls.destroy());
      }
      expect(await server.until('close')).toMatchObject({ by: 'peer' });
      expect(await server.until('tls')).toMatchObject({ outcome: 'fail' });
    },
  );

  it('outlives a thousand streams that are reset at once', async () => {
    const server = await open({ kind: 'http' });
    const session = connectH2(`http://127.0.0.1:${server.port}`);
    session.on('error', () => {});
    for (const path of ['/mode/ok', '/mode/truncate', '/informational/103', '/mode/rst', '/echo']) {
      for (let i = 0; i < 200; i++) {
        const req = session.request({ ':path': path });
        req.on('error', () => {});
        req.close(8);
      }
    }
    await server.until('request');
    session.destroy();
    await server.until('close');
    expect(await h1(false)(server.port, '/mode/ok')).toMatchObject({ status: 200 });
  });

  it('tells a cut request, a reset and a FIN apart', async () => {
    const server = await open({ kind: 'http' });
    const socket = connect(server.port, '127.0.0.1');
    socket.write('POST /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
    await server.until('proxy');
    socket.resetAndDestroy();
    expect(await server.until('close')).toMatchObject({ by: 'peer', peer_end: 'rst' });
  });

  it.each([
    ['truncate', false, true],
    ['truncate', true, true],
    ['rst', false, false],
    ['rst', true, false],
  ])('/mode/%s tells whether its FIN left, TLS: %s', async (mode, secure, fin_sent) => {
    const server = await open({ kind: 'http', tls: secure ? {} : undefined });
    await h1(secure)(server.port, `/mode/${mode}`);
    expect(await server.until('close')).toMatchObject({ by: 'self', fin_sent });
  });

  it('answers behind the FIN of its peer where that is asked for', async () => {
    const server = await open({ kind: 'http' });
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write('GET /mode/sleep_headers?until=end HTTP/1.1\r\nHost: a\r\n\r\n');
    await server.until('request');
    expect(server.seen.some(({ observation }) => observation === 'response')).toBe(false);
    const answer = socket.toArray();
    socket.end();
    expect(Buffer.concat(await answer).toString()).toContain('200 OK');
    expect(await server.until('close')).toMatchObject({ by: 'peer', peer_end: 'fin' });
  });

  it.each([
    ['sleep_headers', '?until=end', 'answer'],
    ['hang', '', 'end'],
  ])(
    '/mode/%s%s does so too where the FIN came before the request was handled',
    async (mode, query, does) => {
      const stream = new PassThrough();
      stream.resume().end();
      await once(stream, 'end');
      const done: string[] = [];
      const connection = { stream, fault: () => {}, end: () => done.push('end') };
      const exchange = { connection, answer: () => done.push('answer') } as unknown as Exchange;
      modes[mode]!(exchange, '', new URLSearchParams(query));
      expect(done).toEqual([does]);
    },
  );

  it('switches protocols on /upgrade and echoes', async () => {
    const server = await open({ kind: 'http' });
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.end('GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello');
    let received = '';
    for await (const chunk of socket) received += chunk;
    expect(received).toContain('101 Switching Protocols');
    expect(received.endsWith('\r\n\r\nhello')).toBe(true);
    expect(await server.until('response')).toMatchObject({ status: 101, body_bytes: 5 });
  });

  it('refuses a missing client certificate with an alert, and observes who came', async () => {
    const known = await fixtures();
    const server = await open({ kind: 'http', tls: { clientCert: 'require' } });
    const withCert = (name: string) =>
      new Promise<string>((resolve) => {
        const { cert, key } = known[name] ?? { cert: '', key: '' };
        const at = {
          port: server.port,
          host: '127.0.0.1',
          path: '/mode/ok',
          agent: false,
          rejectUnauthorized: false,
        };
        const req = httpsRequest({ ...at, ...(name === '' ? {} : { cert, key }) });
        req.on('response', (res) => {
          res.resume();
          res.on('end', () => resolve(String(res.statusCode)));
        });
        req.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
        req.end();
      });
    expect(await withCert('')).toBe('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED');
    expect(await withCert('client')).toBe('200');
    expect(await withCert('bad_client')).toBe('ECONNRESET');
    expect(await withCert('client_expired')).toBe('ECONNRESET');
    const seen = server.seen.filter((o) => o.observation === 'tls');
    expect(seen).toMatchObject([
      { outcome: 'fail', client_cert: null },
      { outcome: 'ok', client_cert: 'client', authorized: true },
      { outcome: 'fail', client_cert: 'bad_client', authorized: false },
      { outcome: 'fail', error: 'CERT_HAS_EXPIRED' },
    ]);
  });
});
