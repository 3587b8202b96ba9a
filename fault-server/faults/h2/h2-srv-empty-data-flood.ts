import { encodeData } from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import { h2Fault, okFields, okText } from '../../raw-h2/h2-fault.ts';

export const h2SrvEmptyDataFlood = h2Fault({
  id: 'h2-srv-empty-data-flood',
  layer: 'h2',
  summary: 'Sends many DATA frames without a byte in the answer.',
  peerMustSee: 'A good answer; or its own defence.',
  spec: 'CVE-2019-9518',
  params: Type.Object(
    { frames: Type.Integer({ default: 50, minimum: 1, maximum: 100_000, description: 'empty DATA frames' }) },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    peer.headers(request.id, okFields([['content-length', String(okText.length)]]));
    answer.fired(`${params.frames} empty DATA frames`);
    for (let i = 0; i < params.frames; i++) peer.send(encodeData(request.id, ''));
    peer.data(request.id, okText, {}, () => peer.end(request.id));
  },
});
