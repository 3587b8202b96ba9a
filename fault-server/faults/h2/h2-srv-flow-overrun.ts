import { seededChunk } from '../../../protos/body/seeded-body.ts';
import { encodeData } from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import { h2Fault, okFields } from '../../raw-h2/h2-fault.ts';

export const h2SrvFlowOverrun = h2Fault({
  id: 'h2-srv-flow-overrun',
  layer: 'h2',
  summary: 'Sends the body of the answer without regard to the windows it was given.',
  peerMustSee: 'FLOW_CONTROL_ERROR; or a whole answer, where it widens its windows as it reads.',
  spec: 'RFC 9113 6.9.1',
  params: Type.Object(
    {
      bytes: Type.Integer({
        default: 80_000,
        minimum: 1,
        maximum: 16_777_216,
        description: 'length of the body',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    peer.headers(request.id, okFields([['content-length', String(params.bytes)]]));
    answer.fired(`${params.bytes} bytes of DATA at once`);
    const frames: Buffer[] = [];
    for (let at = 0; at < params.bytes; at += FRAME_BYTES) {
      const piece = seededChunk(1, at, Math.min(FRAME_BYTES, params.bytes - at));
      request.sent(piece);
      frames.push(encodeData(request.id, piece));
    }
    // One write, so that no credit comes in between.
    peer.send(Buffer.concat(frames));
    peer.end(request.id);
  },
});

const FRAME_BYTES = 16_384;
