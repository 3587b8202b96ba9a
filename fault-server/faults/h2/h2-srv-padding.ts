import { seededChunk } from '../../../protos/body/seeded-body.ts';
import { Type } from '../../../protos/schema/type.ts';
import { h2Fault, okFields } from '../../raw-h2/h2-fault.ts';

export const h2SrvPadding = h2Fault({
  id: 'h2-srv-padding',
  layer: 'h2',
  summary: 'Pads every HEADERS and DATA frame of the answer.',
  peerMustSee: 'A good answer; the padding counts in flow control.',
  spec: 'RFC 9113 6.1, 6.2',
  params: Type.Object(
    { bytes: Type.Integer({ default: 100, minimum: 0, maximum: 255, description: 'padding of a frame' }) },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    answer.fired(`${params.bytes} bytes of padding in every frame`);
    peer.headers(request.id, okFields([['content-length', '2000']]), { padBytes: params.bytes });
    peer.data(request.id, seededChunk(1, 0, 2000), { padBytes: params.bytes, frameBytes: 500 }, () =>
      peer.end(request.id),
    );
  },
});
