import { describe, expect, it } from 'vitest';
import type { Side, StreamEnd, Tap } from '../tap.ts';
import { recordingContext } from './recording.fixture.ts';
import { createH1Tap } from './tap.ts';

type Step = [Side, string] | [Side, 'end', StreamEnd];

function run(steps: Step[], logging?: Parameters<typeof recordingContext>[0]) {
  const { context, events } = recordingContext(logging);
  const tap: Tap = createH1Tap(context);
  let judged: ReturnType<Tap['causeOf']> = null;
  let before = tap.state();
  for (const step of steps) {
    if (step.length === 2) tap.data(step[0], Buffer.from(step[1], 'latin1'));
    else {
      before = tap.state();
      judged = tap.causeOf(step[0], step[2]);
      tap.end(step[0], step[2]);
      expect(tap.causeOf(step[0], step[2])).toEqual(judged);
      tap.close({ cause: judged?.cause ?? 'graceful', error: judged?.error ?? '', timedOut: false });
    }
  }
  return { events, tap, judged, state: tap.state(), before };
}

const get = 'GET /a?x=1&tid=t%201&tid=2 HTTP/1.1\r\nHost: h\r\n\r\n';
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

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

describe('exchanges that are cut', () => {
  const lengthStart = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc';
  const chunkedStart = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc';
  const eofStart = 'HTTP/1.1 200 OK\r\n\r\nabc';
  const post = 'POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc';
  it.each<[string, Step[], string, string | null, RegExp | null]>([
    [
      'an idle close',
      [
        ['client', get],
        ['upstream', ok],
        ['client', 'end', 'fin'],
      ],
      'idle',
      null,
      null,
    ],
    [
      'an idle reset',
      [
        ['client', get],
        ['upstream', ok],
        ['client', 'end', 'rst'],
      ],
      'idle',
      null,
      null,
    ],
    [
      'no answer, FIN',
      [
        ['client', get],
        ['upstream', 'end', 'fin'],
      ],
      'waiting',
      'eof_before_headers',
      /before it answered/,
    ],
    [
      'no answer, RST',
      [
        ['client', get],
        ['upstream', 'end', 'rst'],
      ],
      'waiting',
      'reset',
      /upstream reset/,
    ],
    [
      'half a status line',
      [
        ['client', get],
        ['upstream', 'HTTP/1.1 20'],
        ['upstream', 'end', 'fin'],
      ],
      'waiting',
      'eof_before_headers',
      /before it answered/,
    ],
    [
      'only an informational response',
      [
        ['client', get],
        ['upstream', 'HTTP/1.1 103 E\r\n\r\n'],
        ['upstream', 'end', 'fin'],
      ],
      'waiting',
      'eof_before_headers',
      /before it answered/,
    ],
    [
      'a body cut short',
      [
        ['client', get],
        ['upstream', lengthStart],
        ['upstream', 'end', 'fin'],
      ],
      'response',
      'truncated',
      /expected 10 bytes of body, got 3/,
    ],
    [
      'a last chunk that never came',
      [
        ['client', get],
        ['upstream', chunkedStart],
        ['upstream', 'end', 'fin'],
      ],
      'response',
      'truncated',
      /last chunk never came, got 3 bytes/,
    ],
    [
      'a reset in the body',
      [
        ['client', get],
        ['upstream', lengthStart],
        ['upstream', 'end', 'rst'],
      ],
      'response',
      'reset',
      /got 3/,
    ],
    [
      'a body that ends with FIN',
      [
        ['client', get],
        ['upstream', eofStart],
        ['upstream', 'end', 'fin'],
      ],
      'response',
      null,
      null,
    ],
    [
      'the same with RST',
      [
        ['client', get],
        ['upstream', eofStart],
        ['upstream', 'end', 'rst'],
      ],
      'response',
      'reset',
      /got 3/,
    ],
    [
      'the client leaves before the answer',
      [
        ['client', get],
        ['client', 'end', 'fin'],
      ],
      'waiting',
      'client_gone',
      /had not answered/,
    ],
    [
      'the client resets in the answer',
      [
        ['client', get],
        ['upstream', lengthStart],
        ['client', 'end', 'rst'],
      ],
      'response',
      'client_gone',
      /reset in the middle of the response/,
    ],
    [
      'a request body cut',
      [
        ['client', post],
        ['client', 'end', 'fin'],
      ],
      'request',
      'eof',
      /expected 9 bytes of body, got 3/,
    ],
    [
      'a request reset',
      [
        ['client', post],
        ['client', 'end', 'rst'],
      ],
      'request',
      'reset',
      /client reset/,
    ],
    [
      'a request head cut',
      [
        ['client', 'GET /h?tid=z HTTP/1.1\r\nHo'],
        ['client', 'end', 'fin'],
      ],
      'request',
      'eof',
      /head is cut after 25 bytes/,
    ],
    [
      'one byte of a request',
      [
        ['client', 'G'],
        ['client', 'end', 'fin'],
      ],
      'request',
      'eof',
      /cut after 1 bytes/,
    ],
    [
      'an early answer, then close',
      [
        ['client', post],
        ['upstream', 'HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n'],
        ['upstream', 'end', 'fin'],
      ],
      'request',
      null,
      null,
    ],
  ])('%s', (_name, steps, phase, cause, error) => {
    const { events, judged, before } = run(steps);
    expect(before.phase).toBe(phase);
    expect(judged?.cause ?? null).toBe(cause);
    expect(events).toHaveLength(1);
    expect(events[0]!.cause).toBe(cause);
    if (error === null) expect(events[0]!.error).toBeNull();
    else {
      expect(events[0]!.error).toMatch(error);
      expect(judged!.error).toMatch(error);
    }
  });

  it('knows the target of a head that was cut', () => {
    const { events, state } = run([
      ['client', 'GET /h?tid=z HTTP/1.1\r\nHo'],
      ['client', 'end', 'fin'],
    ]);
    expect(events[0]).toMatchObject({ request: { method: 'GET', path: '/h?tid=z' }, tid: 'z', bytes_in: 25 });
    expect(state).toMatchObject({ path: '/h?tid=z', tid: 'z' });
  });

  it('judges every pipelined exchange by its own phase', () => {
    const { events } = run([
      ['client', get + get],
      ['upstream', lengthStart],
      ['upstream', 'end', 'fin'],
    ]);
    expect(events.map((e) => e.cause)).toEqual(['truncated', 'eof_before_headers']);
  });

  it('gives a timeout its flag and its cause', () => {
    const { context, events } = recordingContext();
    const tap = createH1Tap(context);
    tap.data('client', Buffer.from(get));
    tap.close({ cause: 'timeout', error: 'no answer in 30 s', timedOut: true });
    tap.close({ cause: 'graceful', error: '', timedOut: false });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ cause: 'timeout', error: 'no answer in 30 s', flags: ['timeout'] });
  });
});
