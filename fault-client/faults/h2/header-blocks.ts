import { encodeHeaders } from '../../../protos/h2/frames.ts';
import type { Fault } from '../fault.ts';
import { encoded, h2Fault, join } from './h2-fault.ts';

/** Header blocks no HPACK decoder can read; the connection cannot go on, since the tables are lost (RFC 9113 4.3). */
export const headerBlockFaults: Fault[] = [
  block('h2-hpack-bad-index', 'Refers to a header no table has.', 'RFC 7541 2.3.3', 'ffffff0f'),
  block('h2-hpack-index0', 'Refers to header 0.', 'RFC 7541 6.1', '80'),
  block(
    'h2-hpack-huffman-eos',
    'Has the Huffman symbol EOS inside a name.',
    'RFC 7541 5.2',
    '0084ffffffff00',
  ),
  block('h2-hpack-huffman-padding', 'Pads a Huffman string by 11 bits.', 'RFC 7541 5.2', '00821fff00'),
  block('h2-hpack-tablesize-late', 'Resizes the table after a field.', 'RFC 7541 4.2', '20'),
  h2Fault(
    'h2-hpack-tablesize-too-big',
    'Resizes the table beyond the limit it was given.',
    'a connection error COMPRESSION_ERROR',
    'RFC 7541 6.3',
    {
      script: () => ({
        frames: [
          encodeHeaders(
            1,
            // 4097 bytes, where SETTINGS_HEADER_TABLE_SIZE is 4096.
            join(Buffer.from('3fe21f', 'hex'), requestBlock()),
            { endStream: true },
          ),
        ],
        until: 'peer_end',
      }),
    },
  ),
];

/** The wrong bytes stand behind the fields of a good request. */
function block(id: string, summary: string, spec: string, hex: string): Fault {
  return h2Fault(id, summary, 'a connection error COMPRESSION_ERROR', spec, {
    script: () => ({
      frames: [encodeHeaders(1, join(requestBlock(), Buffer.from(hex, 'hex')), { endStream: true })],
      until: 'peer_end',
    }),
  });
}

function requestBlock(): Buffer {
  return encoded([
    [':method', 'GET'],
    [':scheme', 'https'],
    [':authority', 'localhost'],
    [':path', '/mode/ok'],
  ]);
}
