import { encodeContinuation, encodeHeaders, encodeRstStream } from '../../../protos/h2/frames.ts';
import { HpackEncoder } from '../../../protos/hpack/encoder.ts';
import { Type } from '../../../protos/schema/type.ts';
import type { Fault } from '../fault.ts';
import { count, h2Fault, join, number, times } from './h2-fault.ts';

/** Header lists that cost the receiver more than the sender. */
export const headerFloodFaults: Fault[] = [
  h2Fault(
    'h2-empty-headers-flood',
    'Sends fields without name and value.',
    'a malformed request; memory for its fields to be bounded',
    'CVE-2019-9516',
    {
      extra: { n: count(500) },
      script: (get, { n }) => ({
        // The fields are added to the frame of a good request, whose length they enlarge.
        frames: [withMore(get(1), join(...times(n, () => Buffer.of(0x00, 0x00, 0x00))))],
        until: [1],
      }),
    },
  ),
  h2Fault(
    'h2-hpack-bomb',
    'Puts one large field into the dynamic table and refers to it again and again.',
    'a header list far larger than its bytes: bounded, and the request refused',
    'CVE-2016-6581',
    {
      extra: {
        n: count(12_000),
        field_bytes: Type.Integer({ minimum: 1, maximum: 4000, default: 4000, description: 'Of its value.' }),
      },
      script: (get, { n, field_bytes }) => {
        const field = { name: 'x', value: 'x'.repeat(number(field_bytes)), indexing: 'incremental' } as const;
        const bomb = join(
          new HpackEncoder({ huffman: false }).encode([field]),
          // Index 62 is the newest entry of the dynamic table.
          Buffer.alloc(number(n), 0xbe),
        );
        return { frames: [...withMoreFrames(get(1), bomb)], until: [1] };
      },
    },
  ),
  h2Fault(
    'h2-hpack-bomb-streams',
    'Refers to one large field in every request and resets each at once, then asks once more.',
    'header lists far larger than their bytes, again and again: bounded',
    'CVE-2016-6581, CVE-2023-44487',
    {
      extra: {
        n: count(1000),
        references: Type.Integer({
          minimum: 1,
          maximum: 100_000,
          default: 15,
          description: 'Of each request to the field of 4000 bytes.',
        }),
      },
      script: (get, { n, references }) => {
        const field = { name: 'x', value: 'x'.repeat(4000), indexing: 'incremental' } as const;
        const entry = new HpackEncoder({ huffman: false }).encode([field]);
        const more = Buffer.alloc(number(references), 0xbe);
        const request = (streamId: number, block: Buffer): Buffer =>
          join(
            encodeHeaders(streamId, join(get(streamId).subarray(9), block), { endStream: true }),
            encodeRstStream(streamId, 8),
          );
        const last = 2 * number(n) + 1;
        return {
          frames: [
            join(...times(n, (at) => request(2 * at + 1, at === 0 ? join(entry, more) : more))),
            get(last),
          ],
          until: [last],
        };
      },
    },
  ),
  h2Fault(
    'h2-header-list-too-large',
    'Sends a header list of very many fields.',
    'a list above SETTINGS_MAX_HEADER_LIST_SIZE or the like: 431 or RST_STREAM',
    'RFC 9113 10.5.1',
    {
      extra: {
        n: count(1000),
        value_bytes: Type.Integer({
          minimum: 0,
          maximum: 16_000,
          default: 64,
          description: 'Of each value.',
        }),
      },
      script: (get, { n, value_bytes }) => ({
        frames: withMoreFrames(
          get(1),
          plainly(times(n, (at) => [`x-${at}`, 'v'.repeat(number(value_bytes))])),
        ),
        until: [1],
      }),
    },
  ),
];

/** A HEADERS frame with these bytes added to its block. */
function withMore(headers: Buffer, more: Buffer): Buffer {
  return encodeHeaders(1, join(headers.subarray(9), more), { endStream: true });
}

/** The same, cut into frames that every peer must take. */
function withMoreFrames(headers: Buffer, more: Buffer): Buffer[] {
  const block = join(headers.subarray(9), more);
  const pieces = times(Math.ceil(block.length / 16_000), (at) =>
    block.subarray(at * 16_000, (at + 1) * 16_000),
  );
  const [first, ...rest] = pieces;
  return [
    join(
      encodeHeaders(1, first!, { endStream: true, endHeaders: rest.length === 0 }),
      ...rest.map((piece, at) => encodeContinuation(1, piece, at === rest.length - 1)),
    ),
  ];
}

/** Without Huffman, which takes a client half a second for some MiB. */
function plainly(fields: [string, string][]): Buffer {
  const literal = fields.map(([name, value]) => ({ name, value, indexing: 'without' }) as const);
  return new HpackEncoder({ huffman: false }).encode(literal);
}
