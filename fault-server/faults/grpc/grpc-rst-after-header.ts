import { grpcFields } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcRstAfterHeader = h2Fault({
  id: 'grpc-rst-after-header',
  layer: 'grpc',
  summary: 'Sends the header fields of the answer, then RST_STREAM NO_ERROR.',
  peerMustSee: 'The call fails; no reply.',
  spec: 'grpc/grpc doc/http2-interop-test-descriptions.md rst_after_header',
  answer: (answer) => {
    answer.peer.headers(answer.request.id, grpcFields());
    answer.fired('RST_STREAM 0 after HEADERS');
    answer.peer.rst(answer.request.id, 0);
  },
});
