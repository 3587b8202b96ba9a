import { h2Fault, okFields } from '../../raw-h2/h2-fault.ts';

export const h2SrvTrailersOnly200 = h2Fault({
  id: 'h2-srv-trailers-only-200',
  layer: 'h2',
  summary: 'Answers with a single HEADERS frame that ends the stream.',
  peerMustSee: 'A complete 200 without DATA; no empty DATA frame is added on the way.',
  spec: 'RFC 9113 8.1',
  answer: (answer) => {
    answer.fired('HEADERS with END_STREAM');
    answer.peer.headers(answer.request.id, okFields([]), { endStream: true });
  },
});
