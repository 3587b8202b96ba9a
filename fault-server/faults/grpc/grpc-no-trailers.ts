import { grpcFields, grpcReply } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcNoTrailers = h2Fault({
  id: 'grpc-no-trailers',
  layer: 'grpc',
  summary: 'Sends the reply and ends the stream without trailers.',
  peerMustSee: 'The call fails with INTERNAL or UNKNOWN.',
  spec: 'gRPC over HTTP/2: Responses',
  answer: (answer) => {
    const { peer, request } = answer;
    peer.headers(request.id, grpcFields());
    peer.data(request.id, grpcReply(request), {}, () => {
      answer.fired('END_STREAM without trailers');
      peer.end(request.id);
    });
  },
});
