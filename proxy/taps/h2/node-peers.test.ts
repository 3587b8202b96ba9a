import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type Http2Stream,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { pipe } from './piped.fixture.ts';
import { recordingTap } from './recording.fixture.ts';

type Handler = (stream: ServerHttp2Stream, path: string) => void;

/** Node's own client and server with the tap between; resolves when the connection is over. */
async function between(
  handle: Handler,
  talk: (session: ClientHttp2Session) => Promise<void>,
  logging: Parameters<typeof recordingTap>[0] = {},
) {
  const recording = recordingTap(logging);
  const server = createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    handle(stream, headers[':path']!);
  });
  server.on('sessionError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const relay = await pipe((server.address() as AddressInfo).port, recording.tap);
  const session = connect(`http://127.0.0.1:${relay.port}`);
  session.on('error', () => {});
  await talk(session);
  session.close();
  await relay.over;
  relay.stop();
  server.close();
  return { ...recording, passed: relay.passed };
}

async function ask(session: ClientHttp2Session, headers: Record<string, string>, body?: string) {
  const stream = session.request(headers);
  stream.resume();
  if (body !== undefined) stream.end(body);
  await closed(stream);
}

/** Resolves on `close` where events.once would reject on the error before it. */
function closed(stream: Http2Stream): Promise<void> {
  stream.on('error', () => {});
  return new Promise((resolve) => stream.once('close', resolve));
}

test('requests, bodies, 1xx, duplicates and trailers become events as they were', async () => {
  const { events, tap } = await between(
    (stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</a.css>' });
      stream.respond({ ':status': 201, 'set-cookie': ['a=1', 'b=2'] }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '7' }));
      stream.resume();
      stream.on('end', () => stream.end('y'.repeat(70_000)));
    },
    async (session) => {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await ask(
        session,
        { ':method': 'POST', ':path': '/a?x=1&tid=t%201&tid=2', traceparent },
        'x'.repeat(100_000),
      );
      await ask(session, { ':path': '/b', 'x-tid': 'from-header' });
    },
  );
  expect(events.length).toBe(2);
  const [first, second] = events;
  expect(first).toMatchObject({
    protocol: 'http2',
    request: { method: 'POST', path: '/a?x=1&tid=t%201&tid=2', stream_id: 1, trailers: [] },
    response: { status: 201, trailers: [['x-sum', '7']], body_b64: null },
    bytes_in: 100_000,
    bytes_out: 70_000,
    flags: [],
    error: null,
    cause: null,
    error_code: null,
    tid: 't%201',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    informational: [103],
    anomalies: [],
    trailers_only: null,
    grpc_status: null,
  });
  expect(first!.response.raw_headers.filter(([name]) => name === 'set-cookie')).toEqual([
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ]);
  expect(second).toMatchObject({ request: { path: '/b', stream_id: 3 }, tid: 'from-header', bytes_in: 0 });
  expect(tap.state()).toMatchObject({ phase: 'idle', openExchanges: 0, completedExchanges: 2, path: '/b' });
});

test('many streams at once leave one event each, whatever their order', async () => {
  const { events } = await between(
    (stream, path) => {
      stream.respond({ ':status': 200 });
      stream.end(path.repeat(50));
    },
    async (session) => {
      await Promise.all(Array.from({ length: 200 }, (_, n) => ask(session, { ':path': `/${n}?tid=t${n}` })));
    },
  );
  const seen = events.map((event) => [event.tid, event.bytes_out, event.error]);
  expect(seen.sort()).toEqual(
    Array.from({ length: 200 }, (_, n) => [`t${n}`, `/${n}?tid=t${n}`.length * 50, null]).sort(),
  );
});

test('a reset by the server, by the client, and NO_ERROR after a whole response', async () => {
  const { events, rows } = await between(
    (stream, path) => {
      if (path === '/rst') stream.close(2);
      else if (path === '/hang') stream.respond({ ':status': 200 });
      else {
        stream.respond({ ':status': 413 });
        stream.end('no');
        stream.on('finish', () => stream.close(0));
      }
    },
    async (session) => {
      await ask(session, { ':path': '/rst' });
      const hang = session.request({ ':path': '/hang' });
      hang.on('error', () => {});
      await once(hang, 'response');
      hang.close(8);
      await closed(hang);
      const early = session.request({ ':method': 'POST', ':path': '/early' });
      early.on('error', () => {});
      early.resume();
      early.write('some');
      await closed(early);
    },
  );
  expect(
    events.map((event) => [event.request.path, event.error, event.cause, event.error_code_name]),
  ).toEqual([
    ['/rst', 'upstream reset: 2', 'h2_rst:INTERNAL_ERROR', 'INTERNAL_ERROR'],
    ['/hang', 'downstream reset: 8', 'h2_rst:CANCEL', 'CANCEL'],
    ['/early', null, null, 'NO_ERROR'],
  ]);
  expect(events.map((event) => event.flags)).toEqual([['error'], ['error'], []]);
  const resets = rows.filter((row) => row.h2_event === 'RST_STREAM');
  expect(resets.slice(0, 2)).toEqual([
    {
      direction: 'upstream',
      h2_event: 'RST_STREAM',
      stream_id: 1,
      details: { error_code: 2 },
      error_code_name: 'INTERNAL_ERROR',
    },
    {
      direction: 'downstream',
      h2_event: 'RST_STREAM',
      stream_id: 3,
      details: { error_code: 8 },
      error_code_name: 'CANCEL',
    },
  ]);
});

test('a pushed stream has its own event', async () => {
  const { events } = await between(
    (stream) => {
      stream.pushStream({ ':path': '/pushed' }, (error, push) => {
        if (error) throw error;
        push.respond({ ':status': 200 });
        push.end('pushed');
        stream.respond({ ':status': 200 });
        stream.end('asked');
      });
    },
    async (session) => {
      session.on('stream', (pushed) => pushed.resume());
      await ask(session, { ':path': '/' });
    },
  );
  const seen = events.map((event) => [
    event.request.path,
    event.request.stream_id,
    event.flags,
    event.bytes_out,
  ]);
  expect(seen.sort()).toEqual([
    ['/', 1, [], 5],
    ['/pushed', 2, ['push'], 6],
  ]);
});

test('GOAWAY with an error and then FIN fails what was open', async () => {
  const { events, rows } = await between(
    (stream) => stream.session!.goaway(11, 0, Buffer.from('calm down')),
    async (session) => {
      const stream = session.request({ ':path': '/' });
      stream.on('error', () => {});
      await closed(stream);
    },
  );
  expect(events.map((event) => [event.cause, event.error_code, event.error_code_name])).toEqual([
    ['h2_goaway:ENHANCE_YOUR_CALM', 11, 'ENHANCE_YOUR_CALM'],
  ]);
  expect(rows.find((row) => row.h2_event === 'GOAWAY' && row.direction === 'upstream')).toEqual({
    direction: 'upstream',
    h2_event: 'GOAWAY',
    stream_id: null,
    details: {
      error_code: 11,
      last_stream_id: 1,
      debug_data_b64: Buffer.from('calm down').toString('base64'),
    },
    error_code_name: 'ENHANCE_YOUR_CALM',
  });
});

test('bodies are kept up to their limit when asked for', async () => {
  const { events } = await between(
    (stream) => {
      stream.respond({ ':status': 200 });
      stream.end('0123456789');
    },
    async (session) => {
      await ask(session, { ':method': 'POST', ':path': '/' }, 'abc');
    },
    { logBody: true, bodyMaxBytes: 4 },
  );
  expect(events[0]!.request).toMatchObject({
    body_b64: Buffer.from('abc').toString('base64'),
    body_truncated: false,
  });
  expect(events[0]!.response).toMatchObject({
    body_b64: Buffer.from('0123').toString('base64'),
    body_truncated: true,
  });
  expect(events[0]!.bytes_out).toBe(10);
});

test('without h2_control_events there is no control row', async () => {
  const { rows, events } = await between(
    (stream) => {
      stream.respond({ ':status': 200 });
      stream.end();
    },
    async (session) => {
      await ask(session, { ':path': '/' });
    },
    { h2ControlEvents: false },
  );
  expect(rows).toEqual([]);
  expect(events.length).toBe(1);
});

test('any re-chunking of the same bytes gives the same records', async () => {
  const { passed, events, rows } = await between(
    (stream, path) => {
      stream.respond({ ':status': 200, 'x-path': path }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-end': path }));
      stream.end(path.repeat(3000));
    },
    async (session) => {
      await Promise.all(
        ['/a', '/b', '/c'].map((path) => ask(session, { ':method': 'POST', ':path': path }, path.repeat(9))),
      );
    },
  );
  for (const size of [1, 2, 3, 7, 8, 9, 10, 23, 24, 25, 100, 4096]) {
    const again = recordingTap();
    for (const { from, chunk } of passed) {
      for (let at = 0; at < chunk.length; at += size) again.tap.data(from, chunk.subarray(at, at + size));
    }
    expect(again.events).toEqual(events);
    expect(again.rows).toEqual(rows);
  }
});
