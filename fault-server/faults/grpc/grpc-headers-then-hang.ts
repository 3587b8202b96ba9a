import { grpcFields } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcHeadersThenHang = h2Fault({
  id: 'grpc-headers-then-hang',
  layer: 'grpc',
  summary: 'Sends the header fields of an answer and then nothing.',
  peerMustSee: 'Header fields, then nothing; DEADLINE_EXCEEDED by its own deadline.',
  spec: null,
  answer: (answer) => {
    answer.peer.headers(answer.request.id, grpcFields());
    answer.fired('nothing after HEADERS');
  },
});
