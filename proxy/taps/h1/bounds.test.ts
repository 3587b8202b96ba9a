import { describe, expect, it } from 'vitest';
import type { Side } from '../tap.ts';
import { recordingContext } from './recording.fixture.ts';
import { createH1Tap } from './tap.ts';

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const request = (fields: string, start = 'GET / HTTP/1.1') => `${start}\r\n${fields}\r\n`;
const post = (fields: string, body: string) => `POST / HTTP/1.1\r\nHost: h\r\n${fields}\r\n${body}`;

describe('what the tap holds is bounded', () => {
  it('ten thousand requests without an answer each have their event', () => {
    const { context, events } = recordingContext();
    const tap = createH1Tap(context);
    tap.data('client', Buffer.from(GET.repeat(10_000)));
    expect(tap.state()).toMatchObject({ openExchanges: 10_000, phase: 'waiting' });
    tap.data('upstream', Buffer.from(OK.repeat(10_000)));
    tap.data('client', Buffer.from(GET));
    tap.data('upstream', Buffer.from(OK));
    expect(events).toHaveLength(10_001);
    expect(events.filter((event) => event.error !== null || event.anomalies.length > 0)).toEqual([]);
  });

  it('of a longer pipeline the first ones are told as they end, the later ones are relayed alone', () => {
    const { context, events } = recordingContext();
    const tap = createH1Tap(context);
    for (let count = 0; count < 12_000; count++) tap.data('client', Buffer.from(GET));
    expect(events).toEqual([]);
    expect(tap.state()).toMatchObject({ openExchanges: 10_000, phase: 'waiting', violation: null });
    tap.data('upstream', Buffer.from(OK.repeat(11_000)));
    expect(events).toHaveLength(10_000);
    expect(events.filter(({ anomalies }) => anomalies.length > 0)).toEqual([events[9_999]]);
    expect(events[9_999]).toMatchObject({ anomalies: ['too_many_pipelined'], error: null, cause: null });
    expect(tap.state()).toMatchObject({ openExchanges: 0, phase: 'idle' });
    expect(tap.causeOf('client', 'fin')).toBeNull();
    expect(tap.causeOf('client', 'rst')?.cause).toBe('reset');
    tap.close({ cause: 'graceful', error: '', timedOut: false });
    expect(events).toHaveLength(10_000);
  });

  it('what is open of a pipeline that was too long ends with the cause of the end', () => {
    const { context, events } = recordingContext();
    const tap = createH1Tap(context);
    tap.data('client', Buffer.from(GET.repeat(10_001)));
    tap.data('upstream', Buffer.from(OK));
    tap.end('upstream', 'fin', null);
    const judged = tap.causeOf('upstream', 'fin')!;
    expect(judged.cause).toBe('eof_before_headers');
    tap.close({ ...judged, timedOut: false });
    expect(events.map(({ cause }) => cause)).toEqual([null, ...Array(9_999).fill('eof_before_headers')]);
  });

  it('large heads count as well, and fields as what they take', () => {
    for (const [fields, most] of [
      [`X: ${'x'.repeat(200_000)}\r\n`, 50],
      ['a:\r\n'.repeat(10_000), 20],
    ] as const) {
      const { context, events } = recordingContext();
      const tap = createH1Tap(context);
      const large = Buffer.from(request(`Host: h\r\n${fields}`));
      for (let count = 0; count < 100; count++) tap.data('client', large);
      const { openExchanges } = tap.state();
      expect(openExchanges).toBeGreaterThan(most / 2);
      expect(openExchanges).toBeLessThan(most);
      tap.data('upstream', Buffer.from(OK.repeat(100)));
      expect(events).toHaveLength(openExchanges);
      expect(events.at(-1)!.anomalies).toEqual(['too_many_pipelined']);
    }
  });

  it('a switch of protocols after too long a pipeline tells the exchange that asked for it', () => {
    const { context, events } = recordingContext();
    const tap = createH1Tap(context);
    const upgrade = request('Host: h\r\nConnection: upgrade\r\nUpgrade: x\r\n');
    tap.data('client', Buffer.from(upgrade.repeat(10_001)));
    tap.data('upstream', Buffer.from('HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nabc'));
    expect(events).toMatchObject([{ response: { status: 101 }, flags: ['upgrade'], error: null }]);
    tap.close({ cause: 'graceful', error: '', timedOut: false });
    expect(events).toHaveLength(1);
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
