import { expect, test } from 'vitest';
import {
  encodeContinuation,
  encodeData,
  encodeGoaway,
  encodeHeaders,
  encodeRstStream,
} from '../../../protos/h2/frames.ts';
import { answer, ask, block, ending, grpcRequest, ok, opened, request } from './raw-frames.fixture.ts';

type End = [
  what: string,
  run: (t: ReturnType<typeof opened>) => void,
  by: 'client' | 'upstream',
  how: 'fin' | 'rst',
  cause: string | null,
];
const ends: End[] = [
  ['nothing asked', () => {}, 'client', 'fin', null],
  [
    'everything answered',
    (t) => {
      t.client(ask());
      t.server(answer());
    },
    'upstream',
    'rst',
    null,
  ],
  ['no answer, upstream FIN', (t) => t.client(ask()), 'upstream', 'fin', 'eof_before_headers'],
  ['no answer, upstream RST', (t) => t.client(ask()), 'upstream', 'rst', 'reset'],
  [
    'half an answer, upstream FIN',
    (t) => {
      t.client(ask());
      t.server(answer(1, ok, false));
    },
    'upstream',
    'fin',
    'truncated',
  ],
  [
    'half an answer, upstream RST',
    (t) => {
      t.client(ask());
      t.server(answer(1, ok, false));
    },
    'upstream',
    'rst',
    'reset',
  ],
  ['half a request, client FIN', (t) => t.client(ask(1, request, false)), 'client', 'fin', 'eof'],
  ['half a request, client RST', (t) => t.client(ask(1, request, false)), 'client', 'rst', 'reset'],
  ['no answer, client FIN', (t) => t.client(ask()), 'client', 'fin', 'client_gone'],
  [
    'half an answer, client RST',
    (t) => {
      t.client(ask());
      t.server(answer(1, ok, false));
    },
    'client',
    'rst',
    'client_gone',
  ],
  [
    'GOAWAY 11, upstream FIN',
    (t) => {
      t.client(ask());
      t.server(encodeGoaway(0, 11));
    },
    'upstream',
    'fin',
    'h2_goaway:ENHANCE_YOUR_CALM',
  ],
  [
    'GOAWAY 11 and everything answered',
    (t) => {
      t.client(ask());
      t.server(answer(), encodeGoaway(1, 11));
    },
    'upstream',
    'fin',
    'h2_goaway:ENHANCE_YOUR_CALM',
  ],
  [
    'GOAWAY 0 that refuses the stream',
    (t) => {
      t.client(ask());
      t.server(encodeGoaway(0, 0));
    },
    'upstream',
    'fin',
    'h2_goaway:NO_ERROR',
  ],
  [
    'GOAWAY 0 that keeps the stream',
    (t) => {
      t.client(ask());
      t.server(encodeGoaway(1, 0));
    },
    'upstream',
    'fin',
    'eof_before_headers',
  ],
];
test.each(ends)('%s', (_what, run, by, how, cause) => {
  const t = opened();
  run(t);
  expect(t.tap.causeOf(by, how)?.cause ?? null).toBe(cause);
});

test('each open stream has an event with its own cause and the bytes so far; closing again adds nothing', () => {
  const { client, server, tap, events, nowMs } = opened();
  client(ask(1), ask(3), ask(5, grpcRequest, false), ask(7));
  server(answer(1, ok, false), encodeData(1, 'abc'), answer(7));
  nowMs.value += 250;
  tap.close(ending);
  tap.close(ending);
  expect(
    events.map((event) => [
      event.request.stream_id,
      event.cause,
      event.error,
      event.bytes_out,
      event.duration_ms,
    ]),
  ).toEqual([
    [7, null, null, 0, 0],
    [1, 'truncated', 'FIN from upstream', 3, 250],
    [3, 'eof_before_headers', 'FIN from upstream', 0, 250],
    [5, 'eof_before_headers', 'FIN from upstream', 0, 250],
  ]);
});

test('phases follow the oldest stream that waits', () => {
  const { client, server, tap } = opened();
  expect(tap.state().phase).toBe('idle');
  client(ask(1, request, false));
  expect(tap.state().phase).toBe('request');
  client(encodeData(1, 'x', { endStream: true }), ask(3));
  expect(tap.state()).toMatchObject({ phase: 'waiting', openExchanges: 2 });
  server(answer(1, ok, false));
  expect(tap.state().phase).toBe('response');
  server(encodeData(1, '', { endStream: true }));
  expect(tap.state()).toMatchObject({ phase: 'waiting', openExchanges: 1, completedExchanges: 1 });
});

test('the evidence tells who ended it, how, what was open and what came before', () => {
  const t = opened();
  t.client(ask(1), ask(3));
  expect(t.tap.causeOf('upstream', 'fin')?.error).toBe(
    'FIN from upstream with 2 streams open: the oldest waiting for response headers',
  );
  t.server(answer(1, ok, false), encodeData(1, 'abc').subarray(0, 10));
  t.tap.end('upstream', 'rst');
  expect(t.tap.causeOf('upstream', 'rst')?.error).toBe(
    'RST from upstream in the middle of a frame with 2 streams open: the oldest in its response',
  );
  t.client(encodeGoaway(0, 1));
  expect(t.tap.causeOf('client', 'fin')?.error).toBe(
    'GOAWAY PROTOCOL_ERROR from client, then FIN from client with 2 streams open',
  );
});

test('an end inside a header block cuts a request of which nothing can be told', () => {
  const { client, tap } = opened();
  client(encodeHeaders(1, block(request), { endHeaders: false }));
  expect(tap.state()).toMatchObject({ phase: 'request', openExchanges: 1 });
  expect(tap.causeOf('client', 'fin')).toEqual({
    cause: 'eof',
    error: 'FIN from client in the middle of a header block with no stream open',
  });
  expect(tap.causeOf('client', 'rst')).toMatchObject({ cause: 'reset' });
  client(encodeContinuation(1, Buffer.alloc(0), true));
  expect(tap.state()).toMatchObject({ phase: 'request', openExchanges: 1 });
  client(encodeRstStream(1, 8));
  expect(tap.causeOf('client', 'fin')).toBeNull();
});
