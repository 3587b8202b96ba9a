import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  encodeContinuation,
  encodeData,
  encodeFrame,
  encodeHeaders,
  encodeRstStream,
  encodeWindowUpdate,
} from '../../../protos/h2/frames.ts';
import { HpackEncoder } from '../../../protos/hpack/encoder.ts';
import {
  answer,
  ask,
  block,
  ending,
  grpcOk,
  grpcRequest,
  ok,
  opened,
  type Pair,
  request,
} from './raw-frames.fixture.ts';

test('a rapid reset leaves an event each and nothing behind', () => {
  const { client, server, events, tap } = opened({ h2ControlEvents: false });
  for (let n = 0; n < 3000; n++) client(ask(n * 2 + 1), encodeRstStream(n * 2 + 1, 8));
  expect(events).toHaveLength(3000);
  expect(events.every((event) => event.cause === 'h2_rst:CANCEL')).toBe(true);
  server(answer(5999), encodeData(5999, 'late'));
  // Long reset too when the answer left, though no list reaches so far back.
  server(answer(1, ok, false), encodeData(1, 'late'));
  expect(tap.state()).toMatchObject({ openExchanges: 0, violation: null });
});

test('streams beyond the limit are relayed uncounted', () => {
  const { client, tap } = opened({ h2ControlEvents: false });
  for (let n = 0; n < 10_050; n++) client(ask(n * 2 + 1));
  expect(tap.state().openExchanges).toBe(10_000);
  client(encodeRstStream(20_099, 8), encodeData(20_099, 'x'));
  expect(tap.state().violation).toBeNull();
});

test('an endless header block ends the decoding of its side', () => {
  const { client, tap } = opened();
  client(encodeHeaders(1, Buffer.alloc(16000), { endHeaders: false }));
  for (let n = 0; n < 80; n++) client(encodeContinuation(1, Buffer.alloc(16000), false));
  expect(tap.state().violation).toMatchObject({ cause: 'h2_protocol_error:ENHANCE_YOUR_CALM' });
});

test('a header bomb is cut in the event', () => {
  const { client, server, events } = opened();
  const big = new HpackEncoder({ huffman: false }).encode([...request, ['big', 'x'.repeat(3000)]]);
  client(encodeHeaders(1, Buffer.concat([big, Buffer.alloc(12_000, 0xbe)]), { endStream: true }));
  server(encodeRstStream(1, 1));
  expect(events[0]!.anomalies).toContain('headers_cut');
  expect(events[0]!.request.raw_headers.length).toBeLessThan(30);
  expect(events[0]!.request.path).toBe('/?tid=t');
});

test('a flood of breaches leaves a bounded number of rows', () => {
  const { client, rowsOf } = opened();
  for (let n = 0; n < 1000; n++) client(encodeWindowUpdate(0, 0));
  expect(rowsOf('DECODE_ERROR')).toHaveLength(16);
});

const side = fc.constantFrom('client' as const, 'upstream' as const);
const frame = fc
  .tuple(
    fc.integer({ min: 0, max: 11 }),
    fc.integer({ min: 0, max: 255 }),
    fc.integer({ min: 0, max: 6 }),
    fc.uint8Array({ maxLength: 40 }),
  )
  .map(([type, flags, streamId, payload]) => encodeFrame(type, flags, streamId, payload));
const bytes = fc.oneof(
  frame,
  fc.uint8Array({ maxLength: 60 }).map((raw) => Buffer.from(raw)),
  fc.constantFrom(ask(1, grpcRequest, false), ask(3), answer(1, grpcOk, false)),
);

test('random frames and bytes, cut and interleaved at will, never throw and leave one event a stream', () => {
  const cut = fc.tuple(side, fc.integer({ min: 1, max: 30 }));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(side, bytes), { maxLength: 40 }),
      fc.array(cut, { maxLength: 60 }),
      (script, cuts) => {
        const { tap, events } = opened({ logBody: true });
        const left = { client: sent(script, 'client'), upstream: sent(script, 'upstream') };
        for (const [from, size] of cuts) {
          tap.data(from, left[from].subarray(0, size));
          left[from] = left[from].subarray(size);
        }
        tap.data('client', left.client);
        tap.data('upstream', left.upstream);
        tap.state();
        tap.causeOf('upstream', 'fin');
        tap.close(ending);
        const streams = events.map((event) => event.request.stream_id);
        expect(new Set(streams).size).toBe(streams.length);
        expect(tap.state().openExchanges).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});

test('random frames byte by byte give the records they give whole', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(side, frame), { maxLength: 30 }), (script) => {
      const whole = opened();
      const cut = opened();
      for (const [from, chunk] of script) {
        whole.tap.data(from, chunk);
        for (let at = 0; at < chunk.length; at++) cut.tap.data(from, chunk.subarray(at, at + 1));
      }
      whole.tap.close(ending);
      cut.tap.close(ending);
      expect(cut.events).toEqual(whole.events);
      expect(cut.rows).toEqual(whole.rows);
    }),
  );
});

function sent(script: ['client' | 'upstream', Buffer][], from: 'client' | 'upstream'): Buffer {
  return Buffer.concat(script.filter(([by]) => by === from).map(([, chunk]) => chunk));
}

test('header lists of open streams together stay within their budget, and every stream keeps its event', () => {
  const { client, tap, events } = opened({ h2ControlEvents: false });
  const large: Pair[] = [...request, ['x-large', 'x'.repeat(60_000)]];
  const bytes = block(large);
  for (let n = 0; n < 200; n++) {
    client(encodeHeaders(n * 2 + 1, bytes.subarray(0, 16_000), { endStream: true, endHeaders: false }));
    for (let at = 16_000; at < bytes.length; at += 16_000) {
      client(encodeContinuation(n * 2 + 1, bytes.subarray(at, at + 16_000), at + 16_000 >= bytes.length));
    }
  }
  expect(tap.state()).toMatchObject({ openExchanges: 200, violation: null });
  tap.close(ending);
  const kept = events.filter((event) => event.request.raw_headers.length === 5).length;
  expect(kept).toBe(Math.floor((8 << 20) / 60_203));
  expect(events.filter((event) => event.anomalies.includes('headers_cut'))).toHaveLength(200 - kept);
});

test('the rest of a DATA frame after the other side reset its stream adds no second event', () => {
  const { client, server, events, tap } = opened();
  client(ask());
  const data = encodeData(1, 'abcdef', { endStream: true });
  server(answer(1, ok, false), data.subarray(0, 12));
  client(encodeRstStream(1, 8));
  server(data.subarray(12));
  client(ask(3));
  server(answer(3));
  expect(events.map((event) => [event.request.stream_id, event.bytes_out, event.error])).toEqual([
    [1, 3, 'downstream reset: 8'],
    [3, 0, null],
  ]);
  expect(tap.state()).toMatchObject({ openExchanges: 0, violation: null });
});
