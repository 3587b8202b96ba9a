import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ClientResult } from '../../../protos/control/fault-client.ts';
import { type HttpPeer, openHttpPeer } from '../../testing/http-peer.ts';
import { type Fixtures, openFixtures, runSpec } from '../../testing/run-spec.ts';
import { h2Faults } from './faults.ts';

let fixtures: Fixtures;
let peer: HttpPeer;

beforeAll(async () => {
  fixtures = await openFixtures();
});
afterAll(() => fixtures.remove());
beforeEach(async () => {
  peer = await openHttpPeer(
    fixtures,
    (request, response) => {
      request.resume();
      if (request.url?.startsWith('/mode/hang')) return;
      const bytes = Number(/^\/bytes\/(\d+)/.exec(request.url ?? '')?.[1] ?? 5);
      request.on('end', () => response.end(Buffer.alloc(bytes, 'x')));
    },
    { settings: { maxConcurrentStreams: 100 } },
  );
  return () => peer.close();
});

const tested = new Set<string>();
const run = (id: string, given: Record<string, unknown> = {}): Promise<ClientResult> => {
  tested.add(id);
  return runSpec(fixtures, { target: peer.target, proto: 'raw', fault: { id, params: given } });
};
const answered = (id: number) => `stream ${id} was answered to its end`;

// What Node's own HTTP/2 server makes of each. Of some connection errors Node 24 tells by FIN alone.
test.each([
  ['h2-priority'],
  ['h2-priority-self-dep'],
  ['h2-unknown-frame'],
  ['h2-undefined-flags'],
  ['h2-reserved-bit'],
  ['h2-unknown-setting'],
  ['h2-zero-window'],
  ['h2-settings-no-ack'],
  ['h2-preface-split'],
  ['h2-preface-split', { at: 1 }],
  ['h2-preface-split', { at: 23 }],
  ['h2-goaway'],
  ['h2-empty-data-flood', { n: 100 }],
  ['h2-empty-headers-flood', { n: 100 }],
  ['h2-ping-flood', { n: 100 }],
  ['h2-settings-flood', { n: 100 }],
  ['h2-priority-churn', { n: 100 }],
  ['h2-window-update-flood', { n: 100 }],
  ['h2-data-dribble'],
  ['h2-internal-buffering', { n: 1, unread_ms: 1 }],
  ['h2-window-overrun'],
] as [string, Record<string, unknown>?][])('%s %o is served', async (id, given) => {
  expect((await run(id, given)).notes).toContain(answered(1));
});

test.each([
  'h2-headers-uppercase',
  'h2-missing-path',
  'h2-missing-method',
  'h2-missing-scheme',
  'h2-empty-path',
  'h2-connection-header',
  'h2-te-not-trailers',
  'h2-dup-pseudo',
  'h2-unknown-pseudo',
  'h2-status-in-request',
  'h2-pseudo-after-regular',
  'h2-connect-extended',
  'h2-pseudo-in-trailers',
  'h2-second-headers-no-es',
  'h2-content-length-mismatch',
])('%s is malformed', async (id) => {
  expect((await run(id)).notes).toContain('RST_STREAM of stream 1 with code 1');
});

test.each(['h2-hpack-bomb', 'h2-header-list-too-large'])('%s is too much', async (id) => {
  expect((await run(id)).notes).toContain('RST_STREAM of stream 1 with code 11');
});

test.each([
  ['h2-frame-too-big', 6],
  ['h2-settings-ack-payload', 6],
  ['h2-settings-len5', 6],
  ['h2-ping-len7', 6],
  ['h2-priority-len4', 6],
  ['h2-frames-after-goaway', 6],
  ['h2-hpack-bad-index', 9],
  ['h2-hpack-index0', 9],
  ['h2-hpack-huffman-eos', 9],
  ['h2-hpack-huffman-padding', 9],
  ['h2-hpack-tablesize-late', 9],
  ['h2-hpack-tablesize-too-big', 9],
  ['h2-bad-padding', 1, 'DATA: invalid padding'],
  ['h2-data-after-es', 5, 'DATA: stream in half-closed(remote)'],
  ['h2-data-idle', 1, 'DATA: stream in idle'],
  ['h2-data-sid0', 1, 'DATA: stream_id == 0'],
  ['h2-cont-idle', 1, 'CONTINUATION: unexpected'],
  ['h2-cont-without-headers', 1, 'CONTINUATION: unexpected'],
  ['h2-headers-interleaved', 1, 'unexpected non-CONTINUATION frame or stream_id is invalid'],
  ['h2-unknown-frame-in-headers', 1, 'unexpected non-CONTINUATION frame or stream_id is invalid'],
] as [string, number, string?][])('%s ends the connection with GOAWAY %i', async (id, code, debug) => {
  expect((await run(id)).close.goaway).toMatchObject(debug === undefined ? { code } : { code, debug });
});

test.each([
  ['h2-bad-preface'],
  ['h2-no-settings'],
  ['h2-settings-sid1'],
  ['h2-settings-enable-push-2'],
  ['h2-settings-maxframe-small'],
  ['h2-settings-maxframe-big'],
  ['h2-settings-initwin-overflow'],
  ['h2-ping-sid1'],
  ['h2-window-update-0'],
  ['h2-window-update-0-stream'],
  ['h2-window-update-overflow'],
  ['h2-window-update-overflow-stream'],
  ['h2-push-from-client'],
  ['h2-headers-after-es'],
  ['h2-even-sid'],
  ['h2-rst-idle'],
  ['h2-winup-idle'],
  ['h2-max-concurrent-exceeded', { n: 101 }],
  ['h2-continuation-flood'],
  ['h2-ping-flood'],
  ['h2-settings-flood'],
  ['h2-empty-data-flood'],
  ['h2-made-you-reset', { how: 'window_update_0' }],
  ['h2-made-you-reset', { how: 'window_update_overflow' }],
  ['h2-made-you-reset', { how: 'priority_length' }],
  ['h2-made-you-reset', { how: 'headers_after_end' }],
  ['h2-made-you-reset', { how: 'data_after_end' }],
] as [string, Record<string, unknown>?][])('%s %o makes the server give up', async (id, given) => {
  const { close, notes } = await run(id, given);
  expect(close.goaway?.code ?? close.by, 'an error, or its FIN first').not.toBe(0);
  expect(close.goaway !== null || close.by === 'peer').toBe(true);
  expect(notes).not.toContain(answered(1));
});

test('h2-rst-stream resets the stream by its code', async () => {
  await run('h2-rst-stream', { code: 11 });
  await peer.saw(/^stream closed 11$/);
});

test('h2-goaway carries its code and debug data', async () => {
  await run('h2-goaway', { code: 11, debug: 'too_many_pings' });
  await peer.saw(/^goaway 11 too_many_pings$/);
});

test('h2-sid-decreasing: the lower stream is never served', async () => {
  await run('h2-sid-decreasing');
  await peer.saw(/^end$/);
  expect(peer.events.filter((event) => event.startsWith('request'))).toEqual(['request GET /mode/ok']);
});

test('h2-hpack-bomb-streams: every stream is reset, the last one served', async () => {
  expect((await run('h2-hpack-bomb-streams', { n: 20 })).notes).toContain(answered(41));
});

test('h2-rapid-reset: a few streams are forgiven, a flood ends in GOAWAY', async () => {
  expect((await run('h2-rapid-reset', { n: 20 })).notes).toContain(answered(41));
  expect((await run('h2-rapid-reset')).close.goaway).toMatchObject({ code: 2 });
});

test('h2-reset-flood has every stream but the last reset', async () => {
  const { notes } = await run('h2-reset-flood', { n: 50 });
  expect(notes.filter((note) => note.startsWith('RST_STREAM'))).toHaveLength(50);
  expect(notes).toContain(answered(101));
});

test('h2-made-you-reset by a dependency on itself, which RFC 9113 no longer knows, resets nothing', async () => {
  expect((await run('h2-made-you-reset', { how: 'priority_self', n: 2 })).notes).toEqual([]);
});

test.each(['h2-tcp-rst-open-stream', 'h2-fin-mid-frame', 'h2-continuation-then-rst'])(
  '%s ends TCP and leaves the server able to serve',
  async (id) => {
    const { close } = await run(id);
    expect(close.by).toBe('self');
    await peer.saw(id === 'h2-fin-mid-frame' ? /^end$/ : /^reset$/);
    expect((await run('h2-priority')).notes).toContain(answered(1));
  },
);

test('h2c-upgrade is ignored, and answered in HTTP/1.1', async () => {
  const { exchanges } = await run('h2c-upgrade');
  expect(exchanges).toMatchObject([{ status: 200, complete: true, body_bytes: 5 }]);
});

test('every fault is tested here', () => {
  expect(h2Faults.map(({ id }) => id).filter((id) => !tested.has(id))).toEqual([]);
});
