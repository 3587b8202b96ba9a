import { h2Fault, okFields, okText } from '../../raw-h2/h2-fault.ts';

export const h2SrvTrailersNoEs = h2Fault({
  id: 'h2-srv-trailers-no-es',
  layer: 'h2',
  summary: 'Sends trailers without END_STREAM.',
  peerMustSee: 'A malformed answer: a stream error PROTOCOL_ERROR.',
  spec: 'RFC 9113 8.1',
  answer: (answer) => {
    const { peer, request } = answer;
    answer.fired('trailers without END_STREAM');
    peer.headers(request.id, okFields([]));
    peer.data(request.id, okText, {}, () => peer.headers(request.id, [['x-checksum', '42']]));
  },
});
