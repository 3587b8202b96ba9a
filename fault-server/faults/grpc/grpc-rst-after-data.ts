import { grpcFields, grpcReply } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcRstAfterData = h2Fault({
  id: 'grpc-rst-after-data',
  layer: 'grpc',
  summary: 'Sends the whole reply, then RST_STREAM NO_ERROR in place of the trailers.',
  peerMustSee: 'The call fails: it has no status.',
  spec: 'grpc/grpc doc/http2-interop-test-descriptions.md rst_after_data',
  answer: (answer) => {
    const { peer, request } = answer;
    peer.headers(request.id, grpcFields());
    peer.data(request.id, grpcReply(request), {}, () => {
      answer.fired('RST_STREAM 0 after all DATA, no trailers');
      peer.rst(request.id, 0);
    });
  },
});
