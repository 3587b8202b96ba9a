import { describe, expect, it } from 'vitest';
import { recordingContext } from './recording.fixture.ts';
import { createH1Tap } from './tap.ts';
import { get, ok, run, type Step } from './transcript.fixture.ts';

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
      'a length no body reaches, FIN',
      [
        ['client', get],
        ['upstream', 'HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551619\r\n\r\nabc'],
        ['upstream', 'end', 'fin'],
      ],
      'response',
      'truncated',
      /got 3$/,
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
