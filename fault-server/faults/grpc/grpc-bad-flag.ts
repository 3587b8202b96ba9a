import { Type } from '../../../protos/schema/type.ts';
import { grpcFields, grpcReply, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcBadFlag = h2Fault({
  id: 'grpc-bad-flag',
  layer: 'grpc',
  summary: 'Sends a reply whose compressed flag is neither 0 nor 1.',
  peerMustSee: 'The call should fail; some peers take the message as uncompressed.',
  spec: 'gRPC over HTTP/2: Compressed-Flag',
  params: Type.Object(
    {
      flag: Type.Integer({
        default: 2,
        minimum: 2,
        maximum: 255,
        description: 'the first byte of the message',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    const reply = grpcReply(request);
    reply[0] = params.flag;
    answer.fired(`compressed flag ${params.flag}`);
    peer.headers(request.id, grpcFields());
    peer.data(request.id, reply, {}, () => peer.headers(request.id, grpcTrailers(0), { endStream: true }));
  },
});
