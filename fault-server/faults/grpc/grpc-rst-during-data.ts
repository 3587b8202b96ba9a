import { grpcFields, grpcReply } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcRstDuringData = h2Fault({
  id: 'grpc-rst-during-data',
  layer: 'grpc',
  summary: 'Sends half of the reply, then RST_STREAM NO_ERROR.',
  peerMustSee: 'The call fails; no reply.',
  spec: 'grpc/grpc doc/http2-interop-test-descriptions.md rst_during_data',
  answer: (answer) => {
    const { peer, request } = answer;
    const reply = grpcReply(request);
    peer.headers(request.id, grpcFields());
    peer.data(request.id, reply.subarray(0, reply.length >> 1), {}, () => {
      answer.fired(`RST_STREAM 0 after ${reply.length >> 1} of ${reply.length} bytes`);
      peer.rst(request.id, 0);
    });
  },
});
