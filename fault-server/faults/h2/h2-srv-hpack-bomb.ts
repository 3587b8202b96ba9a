import { encodeHeaders } from '../../../protos/h2/frames.ts';
import { HpackEncoder } from '../../../protos/hpack/encoder.ts';
import { Type } from '../../../protos/schema/type.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvHpackBomb = h2Fault({
  id: 'h2-srv-hpack-bomb',
  layer: 'h2',
  summary: 'Puts one large field into the dynamic table and refers to it again and again.',
  peerMustSee: 'A header list far larger than its bytes: bounded, and the answer refused.',
  spec: 'CVE-2016-6581',
  params: Type.Object(
    {
      references: Type.Integer({
        default: 10_000,
        minimum: 1,
        maximum: 12_000,
        description: 'to the one field',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    if (!answer.first) return;
    answer.fired(`${params.references} references to a field of 4000 bytes`);
    const field = { name: 'x', value: 'x'.repeat(4000), indexing: 'incremental' } as const;
    const block = Buffer.concat([
      Buffer.of(0x88),
      new HpackEncoder({ huffman: false }).encode([field]),
      // Index 62 is the newest entry of the dynamic table.
      Buffer.alloc(params.references, 0xbe),
    ]);
    peer.send(encodeHeaders(request.id, block, { endStream: true }));
    peer.finished(request.id);
  },
});
