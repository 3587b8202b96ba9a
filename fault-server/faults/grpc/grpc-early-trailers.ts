import { Type } from '../../../protos/schema/type.ts';
import { grpcFields, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcEarlyTrailers = h2Fault({
  id: 'grpc-early-trailers',
  layer: 'grpc',
  summary:
    'Ends a call before the client has half-closed: Trailers-Only at its header fields, then RST_STREAM NO_ERROR.',
  peerMustSee: 'The status at once; what it still sends is dropped.',
  spec: 'RFC 9113 8.1',
  params: Type.Object(
    { code: Type.Integer({ default: 8, minimum: 0, maximum: 4_294_967_295, description: 'grpc-status' }) },
    { additionalProperties: false },
  ),
  atHead: (answer, params) => {
    const { peer, request } = answer;
    answer.fired(`Trailers-Only, grpc-status ${params.code}, before the request`);
    peer.headers(request.id, [...grpcFields(), ...grpcTrailers(params.code, 'early')], { endStream: true });
    peer.rst(request.id, 0);
  },
  answer: () => {},
});
