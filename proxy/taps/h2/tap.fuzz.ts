import { encodeMessage } from '../../../protos/grpc/framing.ts';
import { clientPreface } from '../../../protos/h2/constants.ts';
import {
  encodeContinuation,
  encodeData,
  encodeGoaway,
  encodeHeaders,
  encodePing,
  encodePriority,
  encodePushPromise,
  encodeRstStream,
  encodeSettings,
  encodeSettingsAck,
  encodeWindowUpdate,
} from '../../../protos/h2/frames.ts';
import { HpackEncoder } from '../../../protos/hpack/encoder.ts';
import type { FuzzTarget, Step } from '../../../protos/testing/fuzz-target.ts';
import { connectionOf, sides } from '../fuzz.fixture.ts';
import { createH2Tap } from './tap.ts';

type Pair = [name: string, value: string];

const request: Pair[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'a.test'],
  [':path', '/?tid=t'],
];
const call: Pair[] = [
  [':method', 'POST'],
  ...request.slice(1, 3),
  [':path', '/s.S/M'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
  ['grpc-timeout', '1S'],
];
const ok: Pair[] = [[':status', '200']];
const grpcOk: Pair[] = [...ok, ['content-type', 'application/grpc']];
const done: Pair[] = [
  ['grpc-status', '0'],
  ['grpc-message', 'a%20b'],
];

export const targets: FuzzTarget[] = [
  {
    name: 'h2-tap',
    about: 'both sides of an HTTP/2 connection with its gRPC calls, to records',
    grammar: 'h2',
    sides,
    share: 6,
    cuts: true,
    // A frame that is read whole has its room from the start, up to 16 KiB until SETTINGS raise it to the tap's own limit.
    copiedBytes: (bytes) => 512 * bytes + (4 << 20),
    seeds: () => [answered(), calls(), resets(), pushed(), blocks(), windows(), goaways(), wrong()],
    run: (steps) => connectionOf(createH2Tap, steps),
  },
];

const client = (...frames: Buffer[]): Step => ({ from: 0, bytes: Buffer.concat(frames) });
const server = (...frames: Buffer[]): Step => ({ from: 1, bytes: Buffer.concat(frames) });

function opening(settings: [number, number][] = []): Step[] {
  return [
    client(clientPreface, encodeSettings([[1, 4096]])),
    server(encodeSettings(settings), encodeSettingsAck()),
    client(encodeSettingsAck()),
  ];
}

/** Blocks that touch no table, so that any order of them is right. */
function block(fields: Pair[]): Buffer {
  return new HpackEncoder().encode(
    fields.map(([name, value]) => ({ name, value, indexing: 'without' as const })),
  );
}

function ask(streamId: number, fields = request, endStream = true): Buffer {
  return encodeHeaders(streamId, block(fields), { endStream });
}

function answer(streamId: number, fields = ok, endStream = true): Buffer {
  return encodeHeaders(streamId, block(fields), { endStream });
}

/** With tables on both sides. */
function answered(): Step[] {
  const [asks, answers] = [new HpackEncoder(), new HpackEncoder()];
  return [
    ...opening(),
    ...[1, 3, 5].flatMap((id) => [
      client(encodeHeaders(id, asks.encode(request), { endStream: true })),
      server(
        encodeHeaders(id, answers.encode([...ok, ['content-length', '5']])),
        encodeData(id, 'hello', { endStream: true, padBytes: id }),
      ),
    ]),
  ];
}

function calls(): Step[] {
  const message = encodeMessage(Buffer.from('message'));
  return [
    ...opening(),
    client(ask(1, call, false), encodeData(1, Buffer.concat([message, message]), { endStream: true })),
    server(answer(1, grpcOk, false), encodeData(1, message), answer(1, done)),
    client(
      ask(3, call, false),
      encodeData(3, encodeMessage(Buffer.alloc(2), { flag: 1 }), { endStream: true }),
    ),
    server(answer(3, [...grpcOk, ...done])),
    client(ask(5, [...call.slice(0, 4), ['content-type', 'application/grpc-web']], false)),
    server(answer(5, [[':status', '503']])),
  ];
}

function resets(): Step[] {
  return [
    ...opening(),
    client(ask(1), ask(3, request, false), ask(5)),
    client(encodeRstStream(1, 8)),
    server(answer(1, ok, false), encodeData(1, 'late'), encodeRstStream(5, 7)),
    server(answer(3), encodeRstStream(3, 0)),
    client(encodeRstStream(5, 0), encodeRstStream(9, 1)),
  ];
}

function pushed(): Step[] {
  return [
    ...opening(),
    client(ask(1)),
    server(encodePushPromise(1, 2, block(request)), answer(1), answer(2, ok, false)),
    server(encodeData(2, 'pushed', { endStream: true })),
  ];
}

function blocks(): Step[] {
  const list = block([...request, ['x', 'y'.repeat(100)]]);
  return [
    ...opening(),
    client(
      encodeHeaders(1, list.subarray(0, 9), { endHeaders: false, endStream: true }),
      encodeContinuation(1, list.subarray(9, 30), false),
      encodeContinuation(1, list.subarray(30)),
    ),
    server(
      answer(
        1,
        [
          [':status', '103'],
          ['link', 'a'],
        ],
        false,
      ),
      answer(1, ok, false),
    ),
    server(encodeData(1, ''), answer(1, [['x-trailer', '1']])),
    client(encodeHeaders(3, list, { padBytes: 4, priority: { exclusive: true, dependsOn: 1, weight: 9 } })),
    client(encodePriority(5, { exclusive: false, dependsOn: 5, weight: 1 }), encodePing()),
  ];
}

function windows(): Step[] {
  return [
    ...opening([
      [4, 5],
      [5, 16_384],
      [8, 1],
    ]),
    client(ask(1, [...call, ['content-length', '9']], false), encodeData(1, 'hello')),
    server(encodeWindowUpdate(1, 3), encodeWindowUpdate(0, 0x7fff_ffff)),
    client(encodeData(1, 'abcd', { endStream: true })),
    server(encodeSettings([[4, 0x7fff_ffff]]), encodeWindowUpdate(1, 0), answer(1)),
  ];
}

function goaways(): Step[] {
  return [
    ...opening(),
    client(ask(1), ask(3)),
    server(encodeGoaway(1, 0, 'bye'), answer(1)),
    client(encodeGoaway(0, 2), ask(5)),
    server(encodeGoaway(1, 11)),
  ];
}

/** Breaches, and requests after them that are answered. */
function wrong(): Step[] {
  return [
    ...opening(),
    client(ask(1), encodeWindowUpdate(0, 0)),
    server(answer(1, [], false), encodeData(7, 'idle'), answer(1)),
    client(ask(3), ask(4), encodeData(1, 'closed')),
    server(answer(3, [['grpc-status', '99']]), encodeSettingsAck()),
    client(encodeContinuation(9, Buffer.of(0x82))),
    client(ask(11)),
  ];
}
