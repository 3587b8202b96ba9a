import { Type } from '../../../protos/schema/type.ts';
import { grpcFields, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcTrailersOnly = h2Fault({
  id: 'grpc-trailers-only',
  layer: 'grpc',
  summary: 'Answers with a single HEADERS frame that carries this status.',
  peerMustSee: 'The call ends with that status; the answer is Trailers-Only, no DATA.',
  spec: 'gRPC over HTTP/2: Trailers-Only',
  params: Type.Object(
    {
      code: Type.Integer({ default: 14, minimum: 0, maximum: 4_294_967_295, description: 'grpc-status' }),
      message: Type.String({
        default: '',
        maxLength: 1024,
        description: 'grpc-message, percent-encoded on the wire',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    answer.fired(`Trailers-Only, grpc-status ${params.code}`);
    answer.peer.headers(answer.request.id, [...grpcFields(), ...grpcTrailers(params.code, params.message)], {
      endStream: true,
    });
  },
});
