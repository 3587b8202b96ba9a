import { Type } from '../../../protos/schema/type.ts';
import { grpcReply, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcContentType = h2Fault({
  id: 'grpc-content-type',
  layer: 'grpc',
  summary: 'Answers with another content-type than the call had.',
  peerMustSee:
    'The call should fail with UNKNOWN where the type is no application/grpc; a known suffix is another message format.',
  spec: 'gRPC over HTTP/2: Content-Type',
  params: Type.Object(
    {
      type: Type.String({
        default: 'application/grpc-web+proto',
        minLength: 1,
        maxLength: 200,
        description: 'content-type: application/grpc+cow, application/grpc-web, application/json',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    answer.fired(`content-type ${params.type}`);
    peer.headers(request.id, [
      [':status', '200'],
      ['content-type', params.type],
    ]);
    peer.data(request.id, grpcReply(request), {}, () =>
      peer.headers(request.id, grpcTrailers(0), { endStream: true }),
    );
  },
});
