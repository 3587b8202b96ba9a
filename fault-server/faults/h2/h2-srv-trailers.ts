import { h2Fault, okFields, okText } from '../../raw-h2/h2-fault.ts';

export const h2SrvTrailers = h2Fault({
  id: 'h2-srv-trailers',
  layer: 'h2',
  summary: 'Ends the answer with trailers.',
  peerMustSee: 'A good answer and its trailers.',
  spec: 'RFC 9113 8.1',
  answer: (answer) => {
    const { peer, request } = answer;
    answer.fired('trailers');
    peer.headers(request.id, okFields([['trailer', 'x-checksum']]));
    peer.data(request.id, okText, {}, () =>
      peer.headers(request.id, [['x-checksum', '42']], { endStream: true }),
    );
  },
});
