import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EventFields } from '../../records/log.ts';
import type { Side, StreamEnd } from '../tap.ts';
import { recordingContext } from './recording.fixture.ts';
import { createH1Tap } from './tap.ts';

type Step = { from: Side; bytes: Buffer };

const requests = [
  'GET /?tid=1 HTTP/1.1\r\nHost: h\r\n\r\n',
  'HEAD / HTTP/1.1\r\nHost: h\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello',
  'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: 1\r\n\r\n',
  '\r\nPOST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\nContent-Length: 1\n\n1\na\n0\n\n',
  'CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n',
  'garbage\r\n\r\n',
  '\0\x01\x02',
  'GET /cut HTTP/1.1\r\nHo',
];
const responses = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\n\r\nuntil the end',
  'HTTP/1.1 101 Switching\r\n\r\n',
  'HTTP/1.1 500 No\nContent-Length: 1\n\nx',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX',
  'HTTX',
  'HTTP/1.1 what\r\n\r\n',
];

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom(...requests).map((text): Step => ({ from: 'client', bytes: Buffer.from(text, 'latin1') })),
  fc
    .constantFrom(...responses)
    .map((text): Step => ({ from: 'upstream', bytes: Buffer.from(text, 'latin1') })),
);
const steps = fc.array(step, { maxLength: 8 });
const ends = fc.tuple(fc.constantFrom<Side>('client', 'upstream'), fc.constantFrom<StreamEnd>('fin', 'rst'));

function play(chunks: Step[], [by, how]: [Side, StreamEnd], logBody = true) {
  const { context, events } = recordingContext({ logBody });
  const tap = createH1Tap(context);
  for (const { from, bytes } of chunks) {
    const copy = Buffer.from(bytes);
    tap.data(from, copy);
    // The relay's buffer is free to be reused once the call is over.
    copy.fill(0x2a);
  }
  const judged = tap.causeOf(by, how);
  const state = tap.state();
  tap.end(by, how);
  tap.close({ cause: judged?.cause ?? 'graceful', error: judged?.error ?? '', timedOut: false });
  return { events: events.map(withoutTimes), judged, state };
}

function withoutTimes(event: EventFields): EventFields {
  return { ...event, ts_start: 0, ts_end: 0, duration_ms: 0 };
}

function resplit(chunks: Step[], sizes: number[]): Step[] {
  let next = 0;
  return chunks.flatMap(({ from, bytes }) => {
    const pieces: Step[] = [];
    for (let at = 0; at < bytes.length; ) {
      const size = sizes.length === 0 ? bytes.length : sizes[next++ % sizes.length]!;
      pieces.push({ from, bytes: bytes.subarray(at, at + size) });
      at += size;
    }
    return pieces;
  });
}

it('any chunking gives identical rows, judgement and state', () => {
  fc.assert(
    fc.property(
      steps,
      ends,
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 10 }),
      (chunks, end, sizes) => {
        expect(play(resplit(chunks, sizes), end)).toEqual(play(chunks, end));
      },
    ),
    { numRuns: 1500 },
  );
});

it('every exchange that is opened is told exactly once', () => {
  fc.assert(
    fc.property(steps, ends, (chunks, end) => {
      const { events, judged, state } = play(chunks, end);
      // What a 101 or 200 to CONNECT turns into the other protocol is no exchange.
      expect(events.length).toBeGreaterThanOrEqual(state.openExchanges);
      if (state.openExchanges === 0) expect(judged === null || judged.cause === 'reset').toBe(true);
      if (judged === null) for (const event of events) expect(event.cause).toBeNull();
      for (const event of events) expect(event.error === null).toBe(event.cause === null);
    }),
    { numRuns: 1000 },
  );
});

it('random bytes never throw', () => {
  const words = fc.constantFrom(
    'HTTP/1.1 ',
    '200',
    ' ',
    '\r\n',
    '\r\n\r\n',
    '\n',
    'GET / HTTP/1.1',
    'Host: h',
    'Content-Length: ',
    'Transfer-Encoding: chunked',
    '5',
    ':',
    '\r',
    '\0',
  );
  const noise = fc.array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 30 });
  const side = fc.constantFrom<Side>('client', 'upstream');
  fc.assert(
    fc.property(fc.array(fc.tuple(side, noise), { maxLength: 8 }), ends, (pieces, end) => {
      const chunks = pieces.map(
        ([from, parts]): Step => ({ from, bytes: Buffer.from(parts.join(''), 'latin1') }),
      );
      const { events } = play(chunks, end, false);
      expect(events.length).toBeLessThanOrEqual(500);
    }),
    { numRuns: 1500 },
  );
});
