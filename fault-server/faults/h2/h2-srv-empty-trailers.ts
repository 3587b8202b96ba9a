import { h2Fault, okFields, okText } from '../../raw-h2/h2-fault.ts';

export const h2SrvEmptyTrailers = h2Fault({
  id: 'h2-srv-empty-trailers',
  layer: 'h2',
  summary: 'Ends the answer with trailers that have no field.',
  peerMustSee: 'A good answer without trailers.',
  spec: 'RFC 9113 8.1',
  answer: (answer) => {
    const { peer, request } = answer;
    answer.fired('HEADERS of no byte with END_STREAM');
    peer.headers(request.id, okFields([]));
    peer.data(request.id, okText, {}, () => peer.headers(request.id, [], { endStream: true }));
  },
});
