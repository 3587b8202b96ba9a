import { expect, test } from 'vitest';
import { clientPreface } from '../../../protos/h2/constants.ts';
import { encodeHeaders, encodeRstStream, encodeSettings } from '../../../protos/h2/frames.ts';
import { HpackEncoder } from '../../../protos/hpack/encoder.ts';
import { recordingTap } from './recording.fixture.ts';

/** Requests of forty bytes that each name 60 KB of the dynamic table, reset at once. */
function bomb(streams: number): Buffer {
  const encoder = new HpackEncoder({ huffman: false });
  const plain = (['GET', 'https', 'localhost', '/a?tid=t'] as const).map((value, at) => ({
    name: [':method', ':scheme', ':authority', ':path'][at]!,
    value,
    indexing: 'without' as const,
  }));
  const large = encoder.encode([{ name: 'x', value: 'x'.repeat(4000), indexing: 'incremental' }]);
  const frames = Array.from({ length: streams }, (_unused, at) => {
    const more = Buffer.concat([at === 0 ? large : Buffer.alloc(0), Buffer.alloc(15, 0xbe)]);
    const block = Buffer.concat([encoder.encode(plain), more]);
    const id = 2 * at + 1;
    return Buffer.concat([encodeHeaders(id, block, { endStream: true }), encodeRstStream(id, 8)]);
  });
  return Buffer.concat([clientPreface, encodeSettings(), ...frames]);
}

test('what one chunk makes the records repeat is bounded; each stream keeps its event and its first fields', () => {
  const { tap, events } = recordingTap();
  const bytes = bomb(500);
  expect(bytes.length).toBeLessThan(65_536);
  tap.data('client', bytes);
  expect(events).toHaveLength(500);
  const listed = events.map(({ request }) =>
    request.raw_headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0),
  );
  expect(listed.reduce((sum, one) => sum + one, 0)).toBeLessThan(3 << 20);
  for (const { request, tid } of events) expect([request.path, tid]).toEqual(['/a?tid=t', 't']);
  const last = events.at(-1)!;
  expect(last.anomalies).toEqual(['headers_cut']);
  // Another chunk has a budget of its own.
  const { tap: other, events: whole } = recordingTap();
  for (let at = 0; at < bytes.length; at += 200) other.data('client', bytes.subarray(at, at + 200));
  expect(whole.flatMap(({ anomalies }) => anomalies)).toEqual([]);
});
