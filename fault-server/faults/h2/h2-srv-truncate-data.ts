import { seededChunk } from '../../../protos/body/seeded-body.ts';
import { h2Fault, okFields } from '../../raw-h2/h2-fault.ts';

export const h2SrvTruncateData = h2Fault({
  id: 'h2-srv-truncate-data',
  layer: 'h2',
  summary: 'Announces a content-length, sends half of it and ends the connection with FIN.',
  peerMustSee: 'HEADERS, half of the DATA, FIN without END_STREAM.',
  spec: 'RFC 9113 8.1.1',
  answer: (answer) => {
    const { peer, request } = answer;
    peer.headers(request.id, okFields([['content-length', '2000']]));
    peer.data(request.id, seededChunk(1, 0, 1000), {}, () => {
      peer.finished(request.id);
      answer.fired('FIN after 1000 of 2000 bytes');
      peer.connection.end();
    });
  },
});
