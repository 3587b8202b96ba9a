import { Type } from '../../../protos/schema/type.ts';
import { grpcFields, grpcReply } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcRst = h2Fault({
  id: 'grpc-rst',
  layer: 'grpc',
  summary: 'Resets the stream of every call with RST_STREAM.',
  peerMustSee: 'The call ends with the status that gRPC maps the code to.',
  spec: 'gRPC over HTTP/2: Errors',
  params: Type.Object(
    {
      code: Type.Integer({ default: 2, minimum: 0, maximum: 4_294_967_295, description: 'error code' }),
      when: Type.Enum(['before_headers', 'after_headers', 'after_data'], {
        default: 'before_headers',
        description: 'how much of the answer comes first',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    const reset = () => {
      answer.fired(`RST_STREAM ${params.code} ${params.when}`);
      peer.rst(request.id, params.code);
    };
    if (params.when === 'before_headers') return reset();
    peer.headers(request.id, grpcFields());
    if (params.when === 'after_headers') return reset();
    peer.data(request.id, grpcReply(request), {}, reset);
  },
});
