import { encodeContinuation, encodeHeaders } from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import { h2Fault, okFields, okText } from '../../raw-h2/h2-fault.ts';

export const h2SrvContinuation = h2Fault({
  id: 'h2-srv-continuation',
  layer: 'h2',
  summary: 'Sends the header fields of the answer in one HEADERS and many CONTINUATION frames.',
  peerMustSee: 'A good answer; the fields are one block.',
  spec: 'RFC 9113 6.10',
  params: Type.Object(
    { frames: Type.Integer({ default: 7, minimum: 1, maximum: 1000, description: 'CONTINUATION frames' }) },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    const fields = okFields([['x-long', 'v'.repeat(params.frames * 8)]]);
    request.answered(fields);
    const block = peer.encoder.encode(fields);
    const size = Math.max(1, Math.ceil(block.length / (params.frames + 1)));
    peer.send(encodeHeaders(request.id, block.subarray(0, size), { endHeaders: false }));
    let frames = 0;
    for (let at = size; at < block.length; at += size) {
      frames++;
      peer.send(encodeContinuation(request.id, block.subarray(at, at + size), at + size >= block.length));
    }
    answer.fired(`${frames} CONTINUATION frames`);
    peer.data(request.id, okText, {}, () => peer.end(request.id));
  },
});
