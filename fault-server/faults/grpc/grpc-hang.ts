import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcHang = h2Fault({
  id: 'grpc-hang',
  layer: 'grpc',
  summary: 'Reads a whole call and never answers.',
  peerMustSee: 'Nothing; DEADLINE_EXCEEDED by its own deadline.',
  spec: null,
  answer: (answer) => {
    answer.fired('the call stays unanswered');
  },
});
