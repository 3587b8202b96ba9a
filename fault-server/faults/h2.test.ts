import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { open, rawExchange } from '../testing.ts';

type Seen = {
  status: number | null;
  bytes: number;
  rst: number | null;
  interim: number[];
  goaways: [code: number, last: number, debug: string][];
  pushed: string[];
  streamError: string | null;
  sessionError: string | null;
  outcome: 'ended' | 'no answer';
};

/** What Node's HTTP/2 client makes of one request. `silent` expects none and asks by PING. */
async function ask(
  port: number,
  given: { body?: number; settings?: { enablePush: boolean }; settled?: boolean; silent?: boolean } = {},
): Promise<Seen> {
  const seen: Seen = {
    status: null,
    bytes: 0,
    rst: null,
    interim: [],
    goaways: [],
    pushed: [],
    streamError: null,
    sessionError: null,
    outcome: 'ended',
  };
  const session = connect(`http://127.0.0.1:${port}`, { settings: given.settings });
  session.on('error', (error: NodeJS.ErrnoException) => {
    seen.sessionError = error.code ?? error.message;
  });
  session.on('goaway', (code, last, debug) =>
    seen.goaways.push([code, last, Buffer.from(debug ?? []).toString('latin1')]),
  );
  session.on('stream', (stream, headers) => {
    seen.pushed.push(String(headers[':path']));
    stream.resume();
  });
  if (given.settled) {
    // A server speaks second on plaintext, so that a first request may precede its SETTINGS.
    await once(session, 'remoteSettings');
  }
  await asked(session, seen, given.body ?? 0, given.silent ?? false);
  return seen;
}

function asked(session: ClientHttp2Session, seen: Seen, body: number, silent: boolean): Promise<void> {
  return new Promise((resolve) => {
    const req = session.request({ ':path': '/', ':method': body > 0 ? 'POST' : 'GET' });
    req.on('response', (headers: IncomingHttpHeaders) => {
      seen.status = Number(headers[':status']);
    });
    req.on('headers', (headers: IncomingHttpHeaders) => seen.interim.push(Number(headers[':status'])));
    req.on('data', (chunk: Buffer) => {
      seen.bytes += chunk.length;
    });
    req.on('error', (error: NodeJS.ErrnoException) => {
      seen.streamError = error.code ?? error.message;
    });
    session.once('close', () => resolve());
    req.on('close', () => {
      seen.rst ??= req.rstCode ?? null;
      session.close();
    });
    req.end(body > 0 ? Buffer.alloc(body) : undefined);
    if (!silent) return;
    // The server answers PING in turn: an answer that is not here by then will not come.
    session.ping(() => {
      if (!req.closed && seen.status === null) seen.outcome = 'no answer';
      session.destroy();
    });
  });
}

const good = {
  status: 200,
  bytes: 3,
  rst: 0,
  outcome: 'ended',
  streamError: null,
  sessionError: null,
} as const;
const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = constants;

/** Faults made by the server's SETTINGS. */
const WANTS_SETTINGS = new Set(['h2-srv-zero-window', 'h2-srv-max-streams']);

// biome-ignore-start lint/suspicious/noThenProperty: a word of the control protocol, never a function
const table: [id: string, sees: Partial<Seen>, params?: Record<string, unknown>, body?: number][] = [
  ['h2-srv-rst', { status: null, rst: 2, streamError: 'ERR_HTTP2_STREAM_ERROR', goaways: [] }],
  ['h2-srv-rst', { status: 200, bytes: 0, rst: 11 }, { code: 11, when: 'after_headers' }],
  ['h2-srv-rst', { status: 200, bytes: 1000, rst: 7 }, { code: 7, when: 'during_data' }],
  ['h2-srv-goaway', { status: null, rst: 7, goaways: [[0, 0, '']] }],
  [
    'h2-srv-goaway',
    { goaways: [[11, 1, 'too_many_pings']], sessionError: 'ERR_HTTP2_SESSION_ERROR' },
    { code: 11, last_stream_id: 1, then: 'open', debug: 'too_many_pings' },
  ],
  ['h2-srv-goaway', { ...good, goaways: [[0, 1, '']] }, { last_stream_id: 1, then: 'serve' }],
  ['h2-srv-goaway-graceful', { ...good }],
  ['h2-srv-fin-no-goaway', { status: null, rst: NGHTTP2_CANCEL, goaways: [], streamError: null }],
  ['h2-srv-tcp-rst', { status: null, goaways: [] }],
  ['h2-srv-truncate-data', { status: 200, bytes: 1000, rst: NGHTTP2_CANCEL, goaways: [] }],
  ['h2-srv-h1-response', { status: null, sessionError: 'ERR_HTTP2_ERROR' }],
  ['h2-srv-zero-window', { ...good }],
  ['h2-srv-zero-window', { status: null, outcome: 'no answer' }, {}, 100],
  ['h2-srv-max-streams', { ...good }],
  ['h2-srv-max-streams', { status: null, outcome: 'no answer' }, { n: 0 }],
  ['h2-srv-push', { ...good, pushed: ['/pushed'] }],
  ['h2-srv-1xx', { ...good, interim: [103] }],
  ['h2-srv-trailers-only-200', { status: 200, bytes: 0, rst: NGHTTP2_NO_ERROR }],
  ['h2-srv-padding', { ...good, bytes: 2000 }, { bytes: 255 }],
  ['h2-srv-continuation', { ...good }],
  ['h2-srv-settings-flood', { ...good }],
  ['h2-srv-ping', { ...good }],
  ['h2-srv-no-settings', { status: null, sessionError: 'ERR_HTTP2_ERROR' }],
  ['h2-srv-frame-too-big', { bytes: 0, sessionError: 'ERR_HTTP2_ERROR' }],
  ['h2-srv-hpack-error', { status: null, sessionError: 'ERR_HTTP2_ERROR' }],
  ['h2-srv-rst', { ...good }, { code: 0, when: 'after_response' }],
  ['h2-srv-rst', { status: null, rst: 57005, streamError: 'ERR_HTTP2_STREAM_ERROR' }, { code: 0xdead }],
  ['h2-srv-1xx', { status: null, rst: 1 }, { status: 101 }],
  ['h2-srv-data-before-headers', { status: null, sessionError: 'ERR_HTTP2_ERROR' }],
  ['h2-srv-missing-status', { status: null, rst: 1 }],
  ['h2-srv-flow-overrun', { ...good, bytes: 80_000 }],
  ['h2-srv-trailers', { ...good }],
  ['h2-srv-empty-trailers', { ...good }],
  ['h2-srv-trailers-no-es', { status: 200, rst: 1 }],
  ['h2-srv-no-settings-ack', { ...good }],
  ['h2-srv-settings-flap', { ...good }],
  ['h2-srv-settings-flap', { ...good }, {}, 100_000],
  ['h2-srv-table-size-0', { ...good }],
  ['h2-srv-continuation-flood', { status: null, sessionError: 'ERR_HTTP2_ERROR' }],
  ['h2-srv-ping-flood', { ...good }],
  ['h2-srv-empty-data-flood', { ...good }],
  ['h2-srv-hpack-bomb', { status: null, rst: 11 }],
];

/** Frames of a stream that Node has forgotten by then. */
const TOO_LATE = new Set(['data_after_end', 'headers_after_end']);
const failed = { rst: 2, streamError: 'ERR_HTTP2_ERROR', sessionError: 'ERR_HTTP2_ERROR' };

/** What Node makes of the frames no server may send. */
const illegal: [frame: string, sees: Partial<Seen>][] = [
  'settings_length',
  'settings_ack_payload',
  'settings_ack_unasked',
  'settings_on_stream',
  'enable_push',
  'initial_window_overflow',
  'max_frame_size_small',
  'ping_length',
  'ping_on_stream',
  'goaway_length',
  'window_update_0',
  'window_update_0_stream',
  'window_update_overflow',
  'window_update_idle',
  'rst_idle',
  'data_on_stream_0',
  'data_idle',
  'data_padding',
  'data_after_end',
  'headers_idle',
  'headers_after_end',
  'continuation_alone',
  'headers_interleaved',
].map((frame) => [frame, TOO_LATE.has(frame) ? { status: 200, streamError: null } : failed]);

// biome-ignore-end lint/suspicious/noThenProperty: as above

/** The client preface, an empty SETTINGS frame and GET /a of http://? with END_STREAM, by the bytes of RFC 9113. */
const PREFACE_AND_GET = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from('000000040000000000', 'hex'),
  Buffer.from('000006010500000001828684410161', 'hex'),
]);

describe('HTTP/2 faults as Node sees them', () => {
  it.each(table)('%s', async (id, sees, params, body) => {
    const server = await open({ kind: 'raw', fault: { id, params } });
    expect(
      await ask(server.port, { body, settled: WANTS_SETTINGS.has(id), silent: sees.outcome === 'no answer' }),
    ).toMatchObject(sees);
    if (params?.n === 0)
      return expect(server.seen.some(({ observation }) => observation === 'request')).toBe(false);
    expect((await server.until('fault')).fault).toBe(id);
    await server.until('close');
  });

  it.each(illegal)('h2-srv-illegal-frame %s', async (frame, sees) => {
    const server = await open({ kind: 'raw', fault: { id: 'h2-srv-illegal-frame', params: { frame } } });
    expect(await ask(server.port)).toMatchObject(sees);
    await server.until('close');
  });

  /** Node's HTTP/2 client shows a reset that follows data as a plain end; a bare socket shows what it was. */
  it.each([
    ['h2-srv-tcp-rst', 'rst'],
    ['h2-srv-fin-no-goaway', 'fin'],
    ['h2-srv-truncate-data', 'fin'],
    ['h2-srv-h1-response', 'fin'],
  ])('%s ends TCP with %s', async (id, end) => {
    const server = await open({ kind: 'raw', fault: { id } });
    expect((await rawExchange(server.port, PREFACE_AND_GET)).end).toBe(end);
    expect(await server.until('close')).toMatchObject({ by: 'self', fin_sent: end === 'fin' });
  });

  it('h2-srv-tcp-rst acknowledges the SETTINGS that came with the request before it resets', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'h2-srv-tcp-rst' } });
    const { received, end } = await rawExchange(server.port, PREFACE_AND_GET);
    expect(end).toBe('rst');
    expect(received.toString('hex')).toBe('000000040000000000' + '000000040100000000');
  });

  it('h2-srv-push pushes nothing where the peer disabled it', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'h2-srv-push' } });
    expect(await ask(server.port, { settings: { enablePush: false } })).toMatchObject({
      ...good,
      pushed: [],
    });
  });

  it('h2-srv-ping has every PING acknowledged', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'h2-srv-ping' } });
    await ask(server.port);
    await server.until('close');
    const acknowledged = server.seen.filter(
      (o) => o.observation === 'fault' && o.detail.startsWith('PING acknow'),
    );
    expect(acknowledged).toHaveLength(4);
  });

  it('h2-srv-no-ping-ack answers the request and no PING', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'h2-srv-no-ping-ack' } });
    const session = connect(`http://127.0.0.1:${server.port}`);
    let acknowledged = false;
    session.once('connect', () => session.ping(() => (acknowledged = true)));
    await once(session, 'connect');
    const req = session.request({ ':path': '/' });
    const [headers] = await once(req, 'response');
    // An acknowledgement would have come before the answer to what was asked later.
    expect([headers[':status'], acknowledged]).toEqual([200, false]);
    session.destroy();
    expect(await server.until('fault')).toMatchObject({ detail: 'PING without acknowledgement' });
  });

  it('h2-srv-max-streams refuses the streams beyond', async () => {
    const server = await open({
      kind: 'raw',
      fault: { id: 'h2-srv-max-streams', params: { n: 1, refuse: true } },
    });
    const socket = net.connect(server.port, '127.0.0.1');
    // Streams 1 and 3, both without END_STREAM.
    socket.write(PREFACE_AND_GET.subarray(0, 33));
    for (const id of ['00000001', '00000003'])
      socket.write(Buffer.from(`0000060104${id}828684410161`, 'hex'));
    let seen = '';
    for await (const chunk of socket) {
      seen += (chunk as Buffer).toString('hex');
      if (seen.includes('000004030000000003')) break;
    }
    expect(seen).toContain('00000403000000000300000007');
    expect(seen).not.toContain('00000403000000000100000007');
  });

  it('observes request and response of the raw HTTP/2 server', async () => {
    const server = await open({ kind: 'raw', fault: { id: 'h2-srv-rst', params: { when: 'during_data' } } });
    await ask(server.port, { body: 200_000 });
    expect(await server.until('request')).toMatchObject({
      protocol: 'h2',
      method: 'POST',
      body_bytes: 200_000,
      complete: true,
    });
    expect(await server.until('response')).toMatchObject({ status: 200, body_bytes: 1000 });
  });
});
