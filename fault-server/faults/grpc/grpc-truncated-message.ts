import { grpcFields, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcTruncatedMessage = h2Fault({
  id: 'grpc-truncated-message',
  layer: 'grpc',
  summary: 'Announces a message longer than what follows, then ends well with grpc-status 0.',
  peerMustSee: 'The call fails: the message never came whole.',
  spec: 'gRPC over HTTP/2: Length-Prefixed-Message',
  answer: (answer) => {
    const { peer, request } = answer;
    peer.headers(request.id, grpcFields());
    peer.data(request.id, Buffer.from([0, 0, 0, 0, 100, 1, 2]), {}, () => {
      answer.fired('2 of 100 bytes of a message, then grpc-status 0');
      peer.headers(request.id, grpcTrailers(0), { endStream: true });
    });
  },
});
