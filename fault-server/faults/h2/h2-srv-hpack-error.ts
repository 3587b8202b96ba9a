import { encodeHeaders } from '../../../protos/h2/frames.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvHpackError = h2Fault({
  id: 'h2-srv-hpack-error',
  layer: 'h2',
  summary: 'Sends a header block that no HPACK decoder can read.',
  peerMustSee: 'A connection error COMPRESSION_ERROR.',
  spec: 'RFC 7541 2.3.3',
  answer: (answer) => {
    // An indexed field far beyond both tables.
    answer.fired('indexed field beyond the tables');
    answer.peer.send(encodeHeaders(answer.request.id, Buffer.from('ffffff0f', 'hex'), { endStream: true }));
  },
});
