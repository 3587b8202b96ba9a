import Type, { type TInteger } from 'typebox';
import { clientPreface, settings } from '../../../protos/h2/constants.ts';
import {
  encodeContinuation,
  encodeData,
  encodeFrame,
  encodeGoaway,
  encodeHeaders,
  encodePing,
  encodePriority,
  encodeRstStream,
  encodeSettings,
  encodeWindowUpdate,
} from '../../../protos/h2/frames.ts';
import { type EncodedField, HpackEncoder } from '../../../protos/hpack/encoder.ts';
import { type Fault, fault } from '../fault.ts';
import { openApplication } from '../open.ts';
import { params, plaintext } from '../params.ts';
import { converse, type H2Script } from './converse.ts';

const count = (fallback: number): TInteger =>
  Type.Integer({ minimum: 1, maximum: 1_000_000, default: fallback, description: 'How many.' });
const code = (fallback: number): TInteger =>
  Type.Integer({ minimum: 0, maximum: 0xffffffff, default: fallback, description: 'Error code.' });

/** HTTP/2 faults are frames by hand after TLS; each says what ends the wait for the peer. */
export const h2Faults: Fault[] = [
  h2('h2-rst-stream', 'Opens a stream and resets it at once.', 'RST_STREAM with that code', 'RFC 9113 6.4', {
    extra: { code: code(8) },
    script: (get, { code }) => ({ frames: [join(get(1), encodeRstStream(1, number(code)))], until: 'ping' }),
  }),
  h2(
    'h2-goaway',
    'Opens a stream and says GOAWAY.',
    'GOAWAY with that code; the stream still ends',
    'RFC 9113 6.8',
    {
      extra: { code: code(0) },
      script: (get, { code }) => ({
        frames: [join(get(1), encodeGoaway(0, number(code), 'fault'))],
        until: [1],
      }),
    },
  ),
  h2(
    'h2-fin-mid-frame',
    'Sends FIN inside a DATA frame.',
    'a frame cut by the end of the stream',
    'RFC 9113 4.1',
    {
      script: (get) => ({
        frames: [join(get(1, { body: true }), encodeFrame(0, 1, 1, Buffer.alloc(10), { length: 100 }))],
        until: 'peer_end',
        after: 'fin',
      }),
    },
  ),
  h2(
    'h2-tcp-rst-open-stream',
    'Resets TCP with a stream open.',
    'a reset with a request not over',
    'RFC 9293 3.5.3',
    {
      script: (get) => ({ frames: [get(1, { body: true })], until: 'ping', after: 'rst' }),
    },
  ),
  h2(
    'h2-rapid-reset',
    'Opens and resets streams as fast as it can.',
    'a flood to be bounded',
    'CVE-2023-44487',
    {
      extra: { n: count(2000) },
      script: (get, { n }) => ({
        frames: [Buffer.concat(times(n, (at) => join(get(2 * at + 1), encodeRstStream(2 * at + 1, 8))))],
        until: 'ping',
      }),
    },
  ),
  h2(
    'h2-continuation-flood',
    'Never ends a header block.',
    'a block without end, to be bounded',
    'CVE-2024-27316',
    {
      extra: { n: count(200) },
      script: (get, { n }) => ({
        frames: [
          Buffer.concat([
            get(1, { endHeaders: false }),
            ...times(n, () => encodeContinuation(1, encoded([['x-flood', 'x'.repeat(64)]]), false)),
          ]),
        ],
        until: 'peer_end',
      }),
    },
  ),
  h2('h2-ping-flood', 'Sends PINGs and reads the answers.', 'control frames to be bounded', 'CVE-2019-9512', {
    extra: { n: count(20_000) },
    script: (_get, { n }) => ({ frames: [Buffer.concat(times(n, () => encodePing()))], until: 'ping' }),
  }),
  h2('h2-settings-flood', 'Sends SETTINGS frames.', 'control frames to be bounded', 'CVE-2019-9515', {
    extra: { n: count(20_000) },
    script: (_get, { n }) => ({ frames: [Buffer.concat(times(n, () => encodeSettings()))], until: 'ping' }),
  }),
  h2(
    'h2-bad-preface',
    'Speaks HTTP/1.1 after choosing h2.',
    'a connection error: no preface',
    'RFC 9113 3.4',
    {
      preface: [Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
      script: () => ({ frames: [], until: 'peer_end' }),
    },
  ),
  h2('h2-frame-too-big', 'Sends DATA of 16385 bytes.', 'FRAME_SIZE_ERROR', 'RFC 9113 4.2', {
    script: (get) => ({
      frames: [join(get(1, { body: true }), encodeData(1, Buffer.alloc(16_385), { endStream: true }))],
      until: 'peer_end',
    }),
  }),
  h2('h2-hpack-bad-index', 'Refers to a header no table has.', 'COMPRESSION_ERROR', 'RFC 7541 2.3.3', {
    script: () => ({
      frames: [encodeHeaders(1, Buffer.from('ffffff0f', 'hex'), { endStream: true })],
      until: 'peer_end',
    }),
  }),
  h2(
    'h2-zero-window',
    'Opens with a window of 0 and widens it after the head.',
    'a body to hold back',
    'RFC 9113 6.9',
    {
      extra: {
        release_bytes: Type.Integer({ minimum: 0, default: 1 << 20, description: '0 never widens it.' }),
      },
      preface: [join(clientPreface, encodeSettings([[settings.INITIAL_WINDOW_SIZE, 0]]))],
      script: (get, { release_bytes }) => ({
        frames: [get(1)],
        until: [1],
        releaseWindow: number(release_bytes) > 0 ? { streamId: 1, bytes: number(release_bytes) } : undefined,
      }),
    },
  ),
  h2('h2-preface-split', 'Sends the preface byte by byte.', 'a valid connection', 'RFC 9113 3.4', {
    preface: [...[...clientPreface].map((byte) => Buffer.of(byte)), encodeSettings()],
    script: (get) => ({ frames: [get(1)], until: [1] }),
  }),
  h2('h2-window-update-0', 'Widens the connection by 0.', 'PROTOCOL_ERROR', 'RFC 9113 6.9', {
    script: () => ({ frames: [encodeWindowUpdate(0, 0)], until: 'ping' }),
  }),
  h2('h2-headers-uppercase', 'Sends a header name in upper case.', 'a malformed request', 'RFC 9113 8.2.1', {
    script: (get) => ({ frames: [get(1, { more: [['X-Upper', '1']] })], until: [1] }),
  }),
  h2('h2-missing-path', 'Sends no :path.', 'a malformed request', 'RFC 9113 8.3.1', {
    script: (get) => ({ frames: [get(1, { without: ':path' })], until: [1] }),
  }),
  h2('h2-connection-header', 'Sends Connection: keep-alive.', 'a malformed request', 'RFC 9113 8.2.2', {
    script: (get) => ({ frames: [get(1, { more: [['connection', 'keep-alive']] })], until: [1] }),
  }),
  h2(
    'h2-priority',
    'Sends priorities, which are obsolete.',
    'frames to ignore: the request is served',
    'RFC 9113 5.3',
    {
      script: (get) => ({
        frames: [
          encodePriority(5, { exclusive: true, dependsOn: 3, weight: 200 }),
          get(1, { priority: true }),
        ],
        until: [1],
      }),
    },
  ),
  h2(
    'h2-unknown-frame',
    'Sends a frame of type 0xfa.',
    'a frame to ignore: the request is served',
    'RFC 9113 5.5',
    {
      script: (get) => ({ frames: [encodeFrame(0xfa, 0xff, 0, Buffer.alloc(8)), get(1)], until: [1] }),
    },
  ),
];

type GetOptions = {
  /** A body is to follow. */
  body?: boolean;
  endHeaders?: boolean;
  more?: [string, string][];
  without?: string;
  priority?: boolean;
};
type Get = (streamId: number, options?: GetOptions) => Buffer;

function h2(
  id: string,
  summary: string,
  peerMustSee: string,
  spec: string,
  how: {
    extra?: Record<string, TInteger>;
    preface?: Buffer[];
    script: (get: Get, given: Record<string, unknown>) => Omit<H2Script, 'pieces'> & { frames: Buffer[] };
  },
): Fault {
  const path = Type.String({ default: '/mode/ok', description: 'Request path.' });
  return fault({
    id,
    layer: 'h2',
    summary,
    params: params({ path, plaintext, ...how.extra }),
    peerMustSee,
    spec,
    run: async (client, run, given) => {
      const wanted = given as { path: string; plaintext: boolean };
      const connection = await openApplication(client, run, { alpn: 'h2', plaintext: wanted.plaintext });
      const get = requests(client.request?.path ?? wanted.path, wanted.plaintext ? 'http' : 'https');
      const { frames, ...rest } = how.script(get, given);
      const preface = how.preface ?? [join(clientPreface, encodeSettings())];
      await converse(run, connection, { pieces: [...preface, ...frames], ...rest });
    },
  });
}

/** Header blocks without the dynamic table, so that any of them can be left out or broken alone. */
function requests(path: string, scheme: string): Get {
  return (streamId, { body = false, endHeaders = true, more = [], without, priority = false } = {}) => {
    const fields: [string, string][] = [
      [':method', body ? 'POST' : 'GET'],
      [':scheme', scheme],
      [':authority', 'localhost'],
      [':path', path],
    ];
    const block = encoded([...fields.filter(([name]) => name !== without), ...more]);
    return encodeHeaders(streamId, block, {
      endStream: !body,
      endHeaders,
      priority: priority ? { exclusive: false, dependsOn: 0, weight: 16 } : undefined,
    });
  };
}

function encoded(fields: [string, string][]): Buffer {
  const literal = fields.map(([name, value]): EncodedField => ({ name, value, indexing: 'without' }));
  return new HpackEncoder().encode(literal);
}

function join(...parts: Uint8Array[]): Buffer {
  return Buffer.concat(parts);
}

function number(value: unknown): number {
  return value as number;
}

function times<T>(n: unknown, make: (index: number) => T): T[] {
  return Array.from({ length: number(n) }, (_, index) => make(index));
}
