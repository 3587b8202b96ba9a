import { describe, expect, it } from 'vitest';
import type { Side } from '../tap.ts';
import { recordingContext } from './recording.fixture.ts';
import { createH1Tap } from './tap.ts';

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const request = (fields: string, start = 'GET / HTTP/1.1') => `${start}\r\n${fields}\r\n`;
const post = (fields: string, body: string) => `POST / HTTP/1.1\r\nHost: h\r\n${fields}\r\n${body}`;

describe('what the tap holds is bounded', () => {
  it('a pipeline without answers ends the decoding, not the memory', () => {
    const { context, events } = recordingContext();
    const tap = createH1Tap(context);
    for (let count = 0; count < 3000; count++) tap.data('client', Buffer.from(GET));
    expect(events).toHaveLength(1001);
    expect(events[1000]).toMatchObject({ anomalies: ['too_many_pipelined'], cause: null });
    expect(events[0]!.error).toMatch(/decoding stopped: 1001 requests/);
    expect(tap.state()).toMatchObject({ openExchanges: 0, phase: 'idle' });
    expect(tap.causeOf('client', 'fin')).toBeNull();
    expect(tap.causeOf('client', 'rst')?.cause).toBe('reset');
  });

  it('large heads count as well', () => {
    const { context, events } = recordingContext();
    const tap = createH1Tap(context);
    const large = Buffer.from(request(`Host: h\r\nX: ${'x'.repeat(200000)}\r\n`));
    for (let count = 0; count < 50; count++) tap.data('client', large);
    expect(events).toHaveLength(21);
    expect(events.at(-1)!.anomalies).toEqual(['too_many_pipelined']);
  });

  it('giving up in the middle of a response tells every exchange once', () => {
    const { context, events } = recordingContext();
    const tap = createH1Tap(context);
    const large = (start: string) => Buffer.from(request(`Host: h\r\nX: ${'x'.repeat(200000)}\r\n`, start));
    for (let count = 0; count < 20; count++) tap.data('client', large('GET / HTTP/1.1'));
    expect(events).toEqual([]);
    tap.data('upstream', large('HTTP/1.1 101 Switching'));
    expect(events).toHaveLength(20);
    tap.close({ cause: 'graceful', error: '', timedOut: false });
    expect(events).toHaveLength(20);
  });

  it('large heads of exchanges that are over do not', () => {
    const { context, events } = recordingContext();
    const tap = createH1Tap(context);
    const large = Buffer.from(request(`Host: h\r\nX: ${'x'.repeat(200000)}\r\n`));
    for (let count = 0; count < 50; count++) {
      tap.data('client', large);
      tap.data('upstream', Buffer.from(OK));
    }
    expect(events).toHaveLength(50);
    expect(events.filter((event) => event.error !== null || event.anomalies.length > 0)).toEqual([]);
  });

  it('after a broken request and its answer nothing is told any more', () => {
    const { events } = play(
      { client: `${post('Content-Length: x\r\n', '')}${GET}`, upstream: `${OK}${OK}` },
      1,
    );
    expect(events).toHaveLength(1);
  });

  it('an early answer is noted and the exchange ends with its request', () => {
    const { tap, events } = play({ client: post('Content-Length: 3\r\n', 'a'), upstream: OK }, 1);
    expect(events).toEqual([]);
    tap.data('client', Buffer.from('bc'));
    expect(events[0]).toMatchObject({ anomalies: ['early_response'], error: null });
  });

  it('a head over the limit keeps its target', () => {
    const { events } = play(
      { client: request(`Host: h\r\nX: ${'x'.repeat(300000)}\r\n`, 'GET /p?tid=7 HTTP/1.1'), upstream: OK },
      65536,
    );
    expect(events[0]).toMatchObject({ request: { method: 'GET', path: '/p?tid=7' }, tid: '7' });
  });
});

function chunked(tap: ReturnType<typeof createH1Tap>, from: Side, text: string, size: number): void {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) tap.data(from, bytes.subarray(at, at + size));
}

function play(row: { client: string; upstream: string }, size: number) {
  const { context, events } = recordingContext();
  const tap = createH1Tap(context);
  chunked(tap, 'client', row.client, size);
  chunked(tap, 'upstream', row.upstream, size);
  return { tap, events };
}
