import { grpcFields, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcHugeMessage = h2Fault({
  id: 'grpc-huge-message',
  layer: 'grpc',
  summary: 'Announces a message of 4 GiB - 1 bytes, sends two of them and ends well.',
  peerMustSee: 'The call fails with RESOURCE_EXHAUSTED; no memory is set aside for the length.',
  spec: 'gRPC over HTTP/2: Length-Prefixed-Message',
  answer: (answer) => {
    const { peer, request } = answer;
    peer.headers(request.id, grpcFields());
    peer.data(request.id, Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1, 2]), {}, () => {
      answer.fired('2 of 4294967295 bytes of a message, then grpc-status 0');
      peer.headers(request.id, grpcTrailers(0), { endStream: true });
    });
  },
});
