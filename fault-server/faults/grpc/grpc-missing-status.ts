import { grpcFields, grpcReply } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcMissingStatus = h2Fault({
  id: 'grpc-missing-status',
  layer: 'grpc',
  summary: 'Sends the reply and trailers that lack grpc-status.',
  peerMustSee: 'The call fails with UNKNOWN.',
  spec: 'gRPC over HTTP/2: Status',
  answer: (answer) => {
    const { peer, request } = answer;
    peer.headers(request.id, grpcFields());
    peer.data(request.id, grpcReply(request), {}, () => {
      answer.fired('trailers without grpc-status');
      peer.headers(request.id, [['x-no-status', '1']], { endStream: true });
    });
  },
});
