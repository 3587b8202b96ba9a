import { encodeHeaders } from '../../../protos/h2/frames.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvMissingStatus = h2Fault({
  id: 'h2-srv-missing-status',
  layer: 'h2',
  summary: 'Answers with header fields that have no :status.',
  peerMustSee: 'A malformed answer: a stream error PROTOCOL_ERROR.',
  spec: 'RFC 9113 8.3.2',
  answer: (answer) => {
    const { peer, request } = answer;
    answer.fired('HEADERS without :status');
    const block = peer.encoder.encode([['content-type', 'text/plain']]);
    peer.send(encodeHeaders(request.id, block, { endStream: true }));
  },
});
