import { h2Fault, okFields, okText } from '../../raw-h2/h2-fault.ts';

export const h2SrvDataBeforeHeaders = h2Fault({
  id: 'h2-srv-data-before-headers',
  layer: 'h2',
  summary: 'Sends the body of the answer before its header fields.',
  peerMustSee: 'A malformed answer: a stream error PROTOCOL_ERROR, or of the connection.',
  spec: 'RFC 9113 8.1',
  answer: (answer) => {
    const { peer, request } = answer;
    answer.fired('DATA before HEADERS');
    peer.data(request.id, okText, {}, () => peer.headers(request.id, okFields([]), { endStream: true }));
  },
});
