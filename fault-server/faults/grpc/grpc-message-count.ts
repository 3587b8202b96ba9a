import { Type } from '../../../protos/schema/type.ts';
import { grpcFields, grpcReply, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcMessageCount = h2Fault({
  id: 'grpc-message-count',
  layer: 'grpc',
  summary: 'Answers a unary call with no message, or with several, and grpc-status 0.',
  peerMustSee: 'The call fails: a unary call has exactly one reply.',
  spec: 'gRPC: statuscodes.md',
  params: Type.Object(
    { n: Type.Integer({ default: 2, minimum: 0, maximum: 1000, description: 'messages' }) },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    const reply = grpcReply(request);
    const trailers = () => peer.headers(request.id, grpcTrailers(0), { endStream: true });
    answer.fired(`${params.n} messages to a unary call`);
    peer.headers(request.id, grpcFields());
    if (params.n === 0) return trailers();
    peer.data(request.id, Buffer.concat(Array.from({ length: params.n }, () => reply)), {}, trailers);
  },
});
