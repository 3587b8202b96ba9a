import { describe, expect, it } from 'vitest';
import { get, ok, run, type Step } from './transcript.fixture.ts';

describe('complete exchanges', () => {
  it('records request and response as sent', () => {
    const response = 'HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nset-cookie: b\r\nContent-Length: 5\r\n\r\nhello';
    const { events, state } = run([
      ['client', get],
      ['upstream', response],
    ]);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      protocol: 'http1',
      request: {
        method: 'GET',
        path: '/a?x=1&tid=t%201&tid=2',
        authority: 'h',
        raw_headers: [['Host', 'h']],
        content_length: null,
        body_b64: null,
      },
      response: {
        status: 200,
        content_length: 5,
        raw_headers: [
          ['Set-Cookie', 'a'],
          ['set-cookie', 'b'],
          ['Content-Length', '5'],
        ],
      },
      tid: 't%201',
      bytes_in: get.length,
      bytes_out: response.length,
      error: null,
      cause: null,
      anomalies: [],
      flags: [],
    });
    expect(state).toMatchObject({
      protocol: 'http/1.1',
      phase: 'idle',
      openExchanges: 0,
      completedExchanges: 1,
      path: '/a?x=1&tid=t%201&tid=2',
      tid: 't%201',
      violation: null,
    });
  });

  it('takes keep-alive and pipelined requests in order', () => {
    const { events } = run([
      ['client', get.replace('/a', '/1')],
      ['upstream', ok],
      ['client', get.replace('/a', '/2') + get.replace('/a', '/3')],
      ['upstream', ok + ok.replace('200', '404')],
    ]);
    expect(events.map((e) => [e.request.path?.slice(0, 2), e.response.status, e.bytes_out])).toEqual([
      ['/1', 200, ok.length],
      ['/2', 200, ok.length],
      ['/3', 404, ok.length],
    ]);
  });

  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n'],
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ])('%s needs no body after %j', (method, response) => {
    const { events } = run([
      ['client', get.replace('GET', method)],
      ['upstream', response],
    ]);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ bytes_out: response.length, error: null, anomalies: [] });
  });

  it('keeps trailers and takes chunk framing away', () => {
    const response =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a="b"\r\nhel\r\n2\r\nlo\r\n0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n';
    const { events } = run(
      [
        ['client', get],
        ['upstream', response],
      ],
      { logBody: true },
    );
    expect(events[0]).toMatchObject({
      bytes_out: response.length,
      response: {
        body_b64: Buffer.from('hello').toString('base64'),
        body_truncated: false,
        trailers: [
          ['X-Sum', '1'],
          ['X-Sum', '2'],
        ],
      },
    });
  });

  it('captures no more of a body than it may', () => {
    const { events } = run(
      [
        ['client', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789'],
        ['upstream', ok],
      ],
      { logBody: true, bodyMaxBytes: 4 },
    );
    expect(events[0]).toMatchObject({
      request: { body_b64: Buffer.from('0123').toString('base64'), body_truncated: true, content_length: 10 },
      response: { body_b64: Buffer.from('hell').toString('base64'), body_truncated: true },
    });
  });

  it('captures the bodies of every exchange of a connection', () => {
    const steps = Array.from({ length: 10 }, (): Step[] => [
      ['client', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody'],
      ['upstream', ok],
    ]).flat();
    const { events } = run(steps, { logBody: true, bodyMaxBytes: 5 });
    expect(events).toHaveLength(10);
    for (const event of events) {
      expect([event.request.body_b64, event.response.body_b64]).toEqual(['Ym9keQ==', 'aGVsbG8=']);
      expect([event.request.body_truncated, event.response.body_truncated]).toEqual([false, false]);
    }
  });

  it('captures nothing when bodies are not wanted', () => {
    for (const logging of [{ logBody: false }, { logBody: true, bodyMaxBytes: -1 }]) {
      const { events } = run(
        [
          ['client', get],
          ['upstream', ok],
        ],
        logging,
      );
      expect(events[0]!.response).toMatchObject({ body_b64: null, body_truncated: false });
    }
  });

  it('lists informational responses', () => {
    const { events } = run([
      ['client', 'POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n'],
      ['upstream', 'HTTP/1.1 100 Continue\r\n\r\n'],
      ['client', 'hi'],
      ['upstream', `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${ok}`],
    ]);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ informational: [100, 103], response: { status: 200 }, anomalies: [] });
  });

  it('goes on through a flood of informational responses, and lists the first of them', () => {
    const { events } = run([
      ['client', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['upstream', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(200_000)],
      ['upstream', ok],
    ]);
    expect(events).toMatchObject([{ response: { status: 200 }, anomalies: [], error: null }]);
    expect(events[0]!.informational).toHaveLength(32);
  });

  it('ends an upgraded exchange at 101 and leaves the rest alone', () => {
    const { events, tap } = run([
      ['client', 'GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n'],
      ['upstream', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05hello'],
      ['client', '\x81\x85....'],
    ]);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ flags: ['upgrade'], response: { status: 101 }, anomalies: [] });
    expect(tap.state()).toMatchObject({ phase: 'idle', openExchanges: 0 });
    expect(tap.causeOf('client', 'fin')).toBeNull();
    expect(tap.causeOf('client', 'rst')?.cause).toBe('reset');
  });

  it('takes what the client sends ahead of 101 for the new protocol, and for no breach', () => {
    const { events, tap } = run([
      ['client', 'GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n'],
      ['client', '\x81\x84....'],
      ['upstream', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'],
    ]);
    expect(events).toMatchObject([{ response: { status: 101 }, anomalies: [], error: null }]);
    expect(tap.state().violation).toBeNull();
  });

  it('counts empty lines before a request among its bytes', () => {
    const { events } = run([
      ['client', '\r\n'],
      ['client', `\r\n${get}`],
      ['upstream', ok],
    ]);
    expect(events).toMatchObject([{ bytes_in: get.length + 4, anomalies: ['leading_empty_line'] }]);
  });

  it('ends CONNECT at 200 and reads on after a refusal', () => {
    const connect = 'CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n';
    const accepted = run([
      ['client', connect],
      ['upstream', 'HTTP/1.1 200 OK\r\n\r\n'],
      ['client', '\x16\x03\x01'],
    ]);
    expect(accepted.events).toHaveLength(1);
    expect(accepted.events[0]).toMatchObject({ flags: ['connect'], request: { authority: 'h:443' } });
    const refused = run([
      ['client', connect],
      ['upstream', 'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'],
      ['client', get],
      ['upstream', ok],
    ]);
    expect(refused.events.map((e) => [e.request.method, e.response.status])).toEqual([
      ['CONNECT', 403],
      ['GET', 200],
    ]);
    expect(refused.events[1]!.anomalies).toEqual([]);
  });

  it('takes the id of a header and the trace of a traceparent', () => {
    const { events } = run([
      [
        'client',
        'GET / HTTP/1.1\r\nHost: h\r\nX-Tid: abc\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n',
      ],
      ['upstream', ok],
    ]);
    expect(events[0]).toMatchObject({ tid: 'abc', trace_id: '0af7651916cd43dd8448eb211c80319c' });
  });
});
