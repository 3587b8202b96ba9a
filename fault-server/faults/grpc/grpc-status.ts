import { Type } from '../../../protos/schema/type.ts';
import { grpcFields, grpcReply, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcStatus = h2Fault({
  id: 'grpc-status',
  layer: 'grpc',
  summary: 'Answers with header fields and trailers that carry this status, without a message.',
  peerMustSee: 'The call ends with that status and message.',
  spec: 'gRPC over HTTP/2: Responses',
  params: Type.Object(
    {
      code: Type.Integer({ default: 5, minimum: 0, maximum: 4_294_967_295, description: 'grpc-status' }),
      message: Type.String({
        default: '',
        maxLength: 1024,
        description: 'grpc-message, percent-encoded on the wire',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    answer.fired(`grpc-status ${params.code}`);
    peer.headers(request.id, grpcFields());
    if (params.code !== 0)
      return peer.headers(request.id, grpcTrailers(params.code, params.message), { endStream: true });
    peer.data(request.id, grpcReply(request), {}, () =>
      peer.headers(request.id, grpcTrailers(0, params.message), { endStream: true }),
    );
  },
});
